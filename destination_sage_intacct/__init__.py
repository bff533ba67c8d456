"""An Airbyte destination that writes warehouse rows into Sage Intacct."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from destination_sage_intacct.destination import DestinationSageIntacct

__all__ = ["DestinationSageIntacct"]


def __getattr__(name: str) -> object:
    """Import the class when it is first used: the CDK takes seconds, and the rooms below do without it."""
    if name != "DestinationSageIntacct":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from destination_sage_intacct.destination import DestinationSageIntacct  # noqa: PLC0415 - see above

    return DestinationSageIntacct
