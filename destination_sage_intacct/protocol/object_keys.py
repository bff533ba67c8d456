"""Where a file of rejected rows lies in its bucket: Airbyte's path and file name formats, filled in."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from destination_sage_intacct.protocol.messages import StreamKey

_PLACEHOLDER = re.compile(r"\$?\{([^{}]*)\}")
_DATE_PART = re.compile(r"yyyy|yy|MM|dd|HH|mm|ss|SSS")
_DATE_PATTERN = re.compile(rf"(?:{_DATE_PART.pattern}|[^A-Za-z])+")
_STRFTIME = {"yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_UNSAFE = re.compile(r"[^\w. =-]")
_EXTENSION = "{format_extension}"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What tells a file from others. `part` counts the files of a run, `unique` is of this file alone.

    `sync_id` is the number that Airbyte gives to the job, the same for each of its attempts; None if it gives none.
    """

    stream: StreamKey
    sync_id: str | None
    at: datetime
    part: int
    unique: str
    extension: str


@dataclass(frozen=True, slots=True)
class KeyFormat:
    """How the key of a file is made: the bucket's folder, then Airbyte's path format and file name format."""

    bucket_path: str
    path_format: str
    file_name_format: str

    def key(self, facts: FileFacts) -> str:
        """Return the key of a file, which no other file has: what a format lacks for that is added to its name."""
        name = self.file_name_format
        if not _tells_apart(self.path_format + name):
            stem, extension, rest = name.partition(_EXTENSION)
            name = f"{stem}_{{uuid}}{extension}{rest}"
        return _joined([self.bucket_path, *_filled(f"{self.path_format}/{name}", facts).split("/")])

    def folder(self, sync_id: str | None) -> str:
        """Return the deepest folder that holds every file of a sync, with a slash at its end; empty for none."""
        known = {"sync_id": sync_id or ""}
        shared: list[str] = []
        for segment in self.path_format.split("/"):
            names = [found.lower() for found in _PLACEHOLDER.findall(segment)]
            if not set(names) <= known.keys():
                break
            shared.append(_PLACEHOLDER.sub(lambda found: known[found[1].lower()], segment))
        joined = _joined([self.bucket_path, *shared])
        return f"{joined}/" if joined else ""


def unknown_placeholders(template: str) -> list[str]:
    """Return the placeholders of a format that stand for nothing, as they are written."""
    return [found[0] for found in _PLACEHOLDER.finditer(template) if not _is_known(found[1])]


def _date(pattern: str) -> Callable[[FileFacts], str]:
    def write(facts: FileFacts) -> str:
        def part(found: re.Match[str]) -> str:
            milliseconds = f"{facts.at.microsecond // 1000:03}"
            return milliseconds if found[0] == "SSS" else facts.at.strftime(_STRFTIME[found[0]])

        return _DATE_PART.sub(part, pattern)

    return write


def _epoch(per_second: int) -> Callable[[FileFacts], str]:
    """Return whole units since 1970; `per_second` is a divisor of a million."""

    def write(facts: FileFacts) -> str:
        seconds = int(facts.at.replace(microsecond=0).timestamp())
        return str(seconds * per_second + facts.at.microsecond * per_second // 1_000_000)

    return write


_VALUES: Mapping[str, Callable[[FileFacts], str]] = {
    "namespace": lambda facts: _safe(facts.stream.namespace or ""),
    "stream_name": lambda facts: _safe(facts.stream.name),
    "sync_id": lambda facts: _safe(facts.sync_id or ""),
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


def _filled(template: str, facts: FileFacts) -> str:
    def value(found: re.Match[str]) -> str:
        plain = _VALUES.get(found[1].lower())
        return plain(facts) if plain else _date(found[1].partition(":")[2])(facts)

    return _PLACEHOLDER.sub(value, template)


def _tells_apart(template: str) -> bool:
    """Tell whether the files of a run differ, by their part, and so do those of the next attempt, by their time."""
    names = {found.lower().partition(":")[0] for found in _PLACEHOLDER.findall(template)}
    return "uuid" in names or ("part_number" in names and not names.isdisjoint({"timestamp", "epoch"}))


def _safe(name: str) -> str:
    """Return a name as one segment of a path."""
    return _UNSAFE.sub("_", name) if name.strip(".") else "_" * len(name)


def _joined(segments: Iterable[str]) -> str:
    return "/".join(part for segment in segments for part in segment.split("/") if part)
