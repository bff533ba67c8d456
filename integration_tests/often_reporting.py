"""The connector, which reports how far it is every tenth of a second instead of every half minute."""

import sys

from destination_sage_intacct.application import Application

if __name__ == "__main__":
    Application(sys.stdout.buffer, progress_seconds=0.1).run(sys.argv[1:])
