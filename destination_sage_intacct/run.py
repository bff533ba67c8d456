"""The console script."""

import sys

from destination_sage_intacct.destination import DestinationSageIntacct


def run() -> None:
    """Run the command that Airbyte gave."""
    DestinationSageIntacct().run(sys.argv[1:])
