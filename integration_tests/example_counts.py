"""How much the long tests do: enough for every change by default, much more with PROVE=1 (`make prove`)."""

import os

from hypothesis import HealthCheck, settings

PROVING = os.environ.get("PROVE") == "1"


def random_syncs_of(usual: int, proving: int) -> settings:
    """Return the settings of a test with so many random syncs; the same ones each time, unless it is to prove."""
    return settings(
        max_examples=times(usual, proving),
        derandomize=not PROVING,
        database=None,
        deadline=None,
        print_blob=False,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.function_scoped_fixture,
            HealthCheck.data_too_large,
        ],
    )


def times(usual: int, proving: int) -> int:
    """Return the one number or the other."""
    return proving if PROVING else usual
