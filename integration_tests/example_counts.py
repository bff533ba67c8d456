"""How much the long tests do: enough for every change by default, much more with PROVE=1 (`make prove`)."""

import os

PROVING = os.environ.get("PROVE") == "1"


def times(usual: int, proving: int) -> int:
    """Return the one number or the other."""
    return proving if PROVING else usual
