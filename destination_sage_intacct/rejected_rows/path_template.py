"""Where a file of rejected rows is in its bucket: Airbyte's path and file name formats, filled in."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from destination_sage_intacct.protocol.messages import StreamKey

PLACEHOLDER = re.compile(r"\$?\{([^{}]*)\}")
# As long as the largest 64-bit number, which Airbyte's number of a job is.
_SYNC_ID_BYTES = 20
_DIGEST_DIGITS = 8
_DATE_PART = re.compile(r"yyyy|yy|MM|dd|HH|mm|ss|SSS")
_DATE_PATTERN = re.compile(rf"(?:{_DATE_PART.pattern}|[^A-Za-z])+")
_STRFTIME = {"yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_UNSAFE = re.compile(r"[^\w. =-]")
_BRACE = re.compile(r"[{}]")
_ENDS = re.compile(r"[/{}]")


@dataclass(frozen=True, slots=True)
class PlaceholderValues:
    """The values of the placeholders in the key of one file.

    Attributes:
        stream: whose rows it holds.
        sync_id: the number that Airbyte gives to the job, the same for each of its attempts; None if it gives none.
        at: when it is stored.
        part: counts the files of a run.
        unique: a UUID of this file alone.
        extension: with its dot.
    """

    stream: StreamKey
    sync_id: str | None
    at: datetime
    part: int
    unique: str
    extension: str


def unknown_placeholders(template: str) -> list[str]:
    """Return the placeholders of a format that are not known, as they are written."""
    return [found[0] for found in PLACEHOLDER.finditer(template) if not _is_known(found[1])]


def stray_brace(template: str) -> str:
    """Return the first brace of a format that is no placeholder's, with what is around it; empty for none."""
    left = PLACEHOLDER.sub("", template)
    found = _BRACE.search(left)
    if found is None:
        return ""
    before = _ENDS.split(left[: found.start()])[-1]
    return before + found[0] + _ENDS.split(left[found.end() :], maxsplit=1)[0]


def filled(template: str, facts: PlaceholderValues) -> str:
    """Fill in a format whose placeholders are all known."""

    def value(found: re.Match[str]) -> str:
        plain = _VALUES.get(found[1].lower())
        return plain(facts) if plain else _date(found[1].partition(":")[2])(facts)

    return PLACEHOLDER.sub(value, template)


def sync_id_text(sync_id: str | None) -> str:
    """Return the number of a job as it is in a key; empty for none."""
    return shortened(sync_id or "", _SYNC_ID_BYTES)


def shortened(name: str, most_bytes: int) -> str:
    """Return a name as a part of a path of at most so many bytes in UTF-8, which have to be 9 or more.

    A name that is cut ends with a digest of the whole, so that two that begin alike differ.
    """
    safe = _safe(name)
    if len(safe.encode()) <= most_bytes:
        return safe
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_DIGITS]
    kept = safe.encode()[: most_bytes - _DIGEST_DIGITS - 1].decode(errors="ignore")
    return f"{kept}_{digest}"


def _date(pattern: str) -> Callable[[PlaceholderValues], str]:
    def write(facts: PlaceholderValues) -> str:
        def part(found: re.Match[str]) -> str:
            milliseconds = f"{facts.at.microsecond // 1000:03}"
            return milliseconds if found[0] == "SSS" else facts.at.strftime(_STRFTIME[found[0]])

        return _DATE_PART.sub(part, pattern)

    return write


def _epoch(per_second: int) -> Callable[[PlaceholderValues], str]:
    """Return whole units since 1970; `per_second` is a divisor of a million."""

    def write(facts: PlaceholderValues) -> str:
        seconds = int(facts.at.replace(microsecond=0).timestamp())
        return str(seconds * per_second + facts.at.microsecond * per_second // 1_000_000)

    return write


_VALUES: Mapping[str, Callable[[PlaceholderValues], str]] = {
    "namespace": lambda facts: shortened(facts.stream.namespace or "", MOST_NAME_BYTES),
    "stream_name": lambda facts: shortened(facts.stream.name, MOST_NAME_BYTES),
    "sync_id": lambda facts: sync_id_text(facts.sync_id),
    "date": _date("yyyy_MM_dd"),
    "timestamp": _epoch(1000),
    "timestamp:millis": _epoch(1000),
    "timestamp:micros": _epoch(1_000_000),
    "year": _date("yyyy"),
    "month": _date("MM"),
    "day": _date("dd"),
    "hour": _date("HH"),
    "minute": _date("mm"),
    "second": _date("ss"),
    "millisecond": _date("SSS"),
    "epoch": _epoch(1000),
    "uuid": lambda facts: facts.unique,
    "part_number": lambda facts: str(facts.part),
    "format_extension": lambda facts: facts.extension,
}
PLACEHOLDERS = tuple(f"{{{name}}}" for name in _VALUES)


def _is_known(placeholder: str) -> bool:
    name, _, pattern = placeholder.partition(":")
    return placeholder.lower() in _VALUES or (name.lower() == "date" and bool(_DATE_PATTERN.fullmatch(pattern)))


def _safe(name: str) -> str:
    """Return a name as one segment of a path; the same once more for what it has returned."""
    return _UNSAFE.sub("_", _not_dots(name))


def _not_dots(name: str) -> str:
    return name if name.strip(".") else "_" * len(name)


# Of S3, in UTF-8: docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
MOST_KEY_BYTES = 1024
# A longer namespace or name of a stream is cut.
MOST_NAME_BYTES = 128

_EXTENSION = "{format_extension}"
_LONG_NAME = "x" * MOST_NAME_BYTES
_LONGEST = PlaceholderValues(
    StreamKey(_LONG_NAME, _LONG_NAME),
    "9" * 20,
    datetime(2026, 12, 31, tzinfo=UTC),
    10**9,
    str(UUID(int=0)),
    ".jsonl.gz",
)


@dataclass(frozen=True, slots=True)
class KeyFormat:
    """How the key of a file is made: the bucket's folder, then Airbyte's path format and file name format."""

    bucket_path: str
    path_format: str
    file_name_format: str

    def key(self, facts: PlaceholderValues) -> str:
        """Return the key of a file, which no other file has: what a format lacks for that is added to its name."""
        name = self.file_name_format
        if not _distinguishes_files(self.path_format + name):
            stem, extension, rest = name.partition(_EXTENSION)
            name = f"{stem}_{{uuid}}{extension}{rest}"
        return joined(self.bucket_path, filled(f"{self.path_format}/{name}", facts))

    def folder(self, sync_id: str | None) -> str:
        """Return the deepest folder that holds every file of a sync, with a slash at its end; empty for none."""
        path = self.path_format
        for found in PLACEHOLDER.finditer(path):
            if found[1].lower() != "sync_id":
                path = path[: path.rfind("/", 0, found.start()) + 1]
                break
        folder = joined(self.bucket_path, PLACEHOLDER.sub(sync_id_text(sync_id), path))
        return f"{folder}/" if folder else ""

    @property
    def longest_key_bytes(self) -> int:
        """Return how long a key may become."""
        return len(self.key(_LONGEST).encode())


def joined(*paths: str) -> str:
    """Return paths as one, without empty folders and with none that is called `.` or `..`."""
    return "/".join(_not_dots(part) for path in paths for part in path.split("/") if part)


def _distinguishes_files(template: str) -> bool:
    """Return whether the files of a run differ, by their part, and so do those of the next attempt, by their time."""
    names = {found.lower().partition(":")[0] for found in PLACEHOLDER.findall(template)}
    return "uuid" in names or ("part_number" in names and not names.isdisjoint({"timestamp", "epoch"}))
