"""What ends a run, in the form that Airbyte expects."""

import traceback
from dataclasses import dataclass
from pathlib import PurePath

from destination_sage_intacct.protocol.output import FailureType


@dataclass(frozen=True, slots=True)
class Failure:
    """One reason for failing: `text` for the person, `internal` for the maintainers of the connector."""

    text: str
    type: FailureType
    internal: str


def expected(error: BaseException, failure_type: FailureType) -> Failure:
    """Return an error that says itself what to do. Some of Airbyte's tools show only the internal message."""
    return Failure(str(error), failure_type, f"{error} ({location(error)})")


def unexpected(error: BaseException) -> Failure:
    """Return an error that was not expected: where it arose, without its text, which may hold a row's values."""
    return Failure(
        f"The connector failed because of a bug in it ({type(error).__name__}). Rows that were not acknowledged are "
        "sent again by the next sync. Please report it with the internal message.",
        "system_error",
        f"{type(error).__name__} at {location(error)}",
    )


def location(error: BaseException) -> str:
    """Return the calls that led to an error, innermost last, without values."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
