"""The console script."""

import sys

from destination_sage_intacct.application import Application


def run() -> None:
    """Run the command that Airbyte gave."""
    Application(sys.stdout.buffer).run(sys.argv[1:])
