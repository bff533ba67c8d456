"""Where a file of rejected rows lies in its bucket: Airbyte's path and file name formats, filled in."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from destination_sage_intacct.protocol.key_placeholders import (
    PLACEHOLDER,
    FileFacts,
    filled,
    names_in,
    shortened,
    shown_sync_id,
)
from destination_sage_intacct.protocol.messages import StreamKey

# Of S3, in UTF-8: docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
MOST_KEY_BYTES = 1024
# Other services keep a folder in a file system, whose names are of 255 bytes at most.
MOST_NAME_BYTES = 200
# What has to be left for each name, so that it is still known by its first letters.
LEAST_NAME_BYTES = 32

_NAMES = ("namespace", "stream_name")
_EXTENSION = "{format_extension}"
_LONGEST = FileFacts(
    StreamKey("-", "-"), "9" * 20, datetime(2026, 12, 31, tzinfo=UTC), 10**9, str(UUID(int=0)), ".jsonl.gz"
)


@dataclass(frozen=True, slots=True)
class KeyFormat:
    """How the key of a file is made: the bucket's folder, then Airbyte's path format and file name format."""

    bucket_path: str
    path_format: str
    file_name_format: str

    def key(self, facts: FileFacts) -> str:
        """Return the key of a file, which no other file has: what a format lacks for that is added to its name.

        A long namespace or name of a stream is cut, so that the key is one that S3 takes.
        """
        stream, most = facts.stream, self.name_bytes
        short = StreamKey(stream.namespace and shortened(stream.namespace, most), shortened(stream.name, most))
        return self._filled(replace(facts, stream=short))

    def folder(self, sync_id: str | None) -> str:
        """Return the deepest folder that holds every file of a sync, with a slash at its end; empty for none."""
        path = self.path_format
        for found in PLACEHOLDER.finditer(path):
            if found[1].lower() != "sync_id":
                path = path[: path.rfind("/", 0, found.start()) + 1]
                break
        joined = _joined([self.bucket_path, PLACEHOLDER.sub(shown_sync_id(sync_id), path)])
        return f"{joined}/" if joined else ""

    @property
    def name_bytes(self) -> int:
        """Return how many bytes of each namespace and each name of a stream a key has room for."""
        room = MOST_KEY_BYTES - self._bytes_besides_names
        return min(MOST_NAME_BYTES, room // max(self._names, 1))

    @property
    def excess_bytes(self) -> int:
        """Return by how many bytes the formats are too long to leave room for names; 0 if they are not."""
        return max(0, self._bytes_besides_names + self._names * LEAST_NAME_BYTES - MOST_KEY_BYTES)

    @property
    def _names(self) -> int:
        return sum(name in _NAMES for name in names_in(self.path_format + self.file_name_format))

    @property
    def _bytes_besides_names(self) -> int:
        return len(self._filled(_LONGEST).encode()) - self._names

    def _filled(self, facts: FileFacts) -> str:
        name = self.file_name_format
        if not _tells_apart(self.path_format + name):
            stem, extension, rest = name.partition(_EXTENSION)
            name = f"{stem}_{{uuid}}{extension}{rest}"
        return _joined([self.bucket_path, filled(f"{self.path_format}/{name}", facts)])


def _tells_apart(template: str) -> bool:
    """Tell whether the files of a run differ, by their part, and so do those of the next attempt, by their time."""
    names = set(names_in(template))
    return "uuid" in names or ("part_number" in names and not names.isdisjoint({"timestamp", "epoch"}))


def _joined(paths: Iterable[str]) -> str:
    return "/".join(part for path in paths for part in path.split("/") if part)
