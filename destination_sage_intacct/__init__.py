"""An Airbyte destination that writes warehouse rows into Sage Intacct."""

from destination_sage_intacct.destination import DestinationSageIntacct

__all__ = ["DestinationSageIntacct"]
