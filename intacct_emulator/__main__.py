"""`python -m intacct_emulator` starts the emulator."""

from intacct_emulator.main import main

if __name__ == "__main__":
    main()
