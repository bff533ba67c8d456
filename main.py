"""Airbyte's usual entry: `python main.py` does what the console script `destination-sage-intacct` does."""

from destination_sage_intacct.run import run

if __name__ == "__main__":
    run()
