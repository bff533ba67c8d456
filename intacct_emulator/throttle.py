"""The headers that say how many requests may be in flight, and how long to wait after too many."""

from collections.abc import Mapping

from intacct_emulator.settings import Settings

_AN_HOUR = 10_000
_HIGH = 600


def limits(settings: Settings, remaining: int) -> dict[str, str]:
    """Return the headers of every answer: the limit and what remains of it, as the setting has them."""
    # guess[limit-headers]: the headers are known, and -1 for a limit that is exceeded, not when and how they are
    # counted.
    readings: Mapping[str, tuple[object, object]] = {
        "true": (settings.concurrency, remaining),
        "hourly": (_AN_HOUR, _AN_HOUR - 1),
        "spent": (settings.concurrency, 0),
        "high": (_HIGH, _HIGH),
        # The form that a sample of Sage's gives a tenant's limit, and no number at all.
        "garbage": ("LIMIT001-10", "unlimited"),
    }
    if settings.limit_headers not in readings:
        return {}
    limit, rest = readings[settings.limit_headers]
    return {"X-IA-Throttle-Limit": str(limit), "X-IA-Throttle-Limit-Remaining": str(rest)}


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
