"""The headers that say how many requests may be in flight, and how long to wait after too many."""

from collections.abc import Mapping

from intacct_emulator.settings import Settings


def limits(settings: Settings, remaining: int) -> dict[str, str]:
    """Return the headers of every answer: the limit and what remains of it."""
    # guess[limit-headers]: the headers are known, and -1 for a limit that is exceeded, not when and how they are
    # counted.
    return {"X-IA-Throttle-Limit": str(settings.concurrency), "X-IA-Throttle-Limit-Remaining": str(remaining)}


def refused(settings: Settings) -> dict[str, str]:
    """Return the headers of a 429, in the forms that clients of the API are known to read."""
    wait = str(settings.retry_after_seconds)
    forms: Mapping[str, dict[str, str]] = {
        "both": {"Retry-After": wait, "X-IA-Throttle-Limit-Retry-After": wait},
        "retry-after": {"Retry-After": wait},
        "x-ia": {"X-IA-Throttle-Limit-Retry-After": wait},
        "none": {},
    }
    return {**limits(settings, -1), **forms[settings.throttle_headers]}
