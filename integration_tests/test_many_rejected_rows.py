"""A sync of very many rows, of which a tenth are rejected: all of them stored, in bounded memory (`make prove`)."""

import json
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from airbyte_input import catalog, configured_stream, stream_state
from connector_process import COMMAND, ROOT, outcomes_told
from emulator_process import EmulatorProcess
from example_counts import times
from stored_rejections import REASON, StoredFiles, parsed

Json = Any
CUSTOMERS = "accounts-receivable/customer"
ROWS = times(20_000, 1_000_000)
RECORDS = 5_000  # more than are on their way at once, so that no row waits for one before it
ROWS_PER_STATE = 1_000
MOST_BYTES = 250 << 20
NOTES = "A few words, so that a row has the size of one. " * 6
COLUMNS = ("key", "name", "notes", "term.id")
NO_KEY, NO_TERM = "not, a key", "NO-SUCH-TERM"


@dataclass
class Measured:
    """What a write said, without its rejected rows, and the most memory that its process held."""

    code: int = -1
    peak_bytes: int = 0
    records: int = 0
    rejected: int = 0
    log: list[str] = field(default_factory=list)


def test_every_one_of_very_many_rejected_rows_is_stored_in_bounded_memory(
    emulator: EmulatorProcess, bucket: StoredFiles, config_for: Callable[..., dict[str, Json]]
) -> None:
    keys = emulator.hold(CUSTOMERS, *({"id": f"C-{number}", "name": "Before"} for number in range(RECORDS)))
    storage = bucket.config | {"compression": {"compression_type": "GZIP"}}
    config = config_for(emulator, object_storage_config=storage, operation="update", skip_unchanged=False)
    streams = catalog(configured_stream("customers", columns=COLUMNS, primary_key=[["key"]], sync_id=42))

    measured = measure(config, streams, lines(keys))

    tenth = ROWS // 20
    codes = stored_codes(bucket)
    assert codes == {
        **dict.fromkeys(range(1, ROWS + 1, 20), ("invalid_record_key", NO_KEY)),
        **dict.fromkeys(range(11, ROWS + 1, 20), ("invalidConfiguration", NO_TERM)),
    }
    assert measured.code == 0
    assert outcomes_told(measured.log, "customers") == {"updated": ROWS - 2 * tenth, "rejected": 2 * tenth}
    assert (measured.records, measured.rejected) == (ROWS - 2 * tenth, 2 * tenth)
    assert measured.peak_bytes < MOST_BYTES
    print(f"{ROWS:,} rows, {2 * tenth:,} rejected, {len(bucket.files())} files, {measured.peak_bytes >> 20} MB")


def lines(keys: list[str]) -> Iterator[bytes]:
    """Yield rows in turns: refused here, nine good ones, refused by the server, nine good ones; STATEs in between."""
    for number in range(1, ROWS + 1):
        row = {"key": keys[number % RECORDS], "name": f"Name {number}", "notes": NOTES, "term.id": None}
        if number % 20 == 1:
            row["key"] = NO_KEY
        elif number % 20 == 11:
            row["term.id"] = NO_TERM
        yield b'{"type":"RECORD","record":{"stream":"customers","emitted_at":1,"data":%s}}\n' % json.dumps(row).encode()
        if number % ROWS_PER_STATE == 0:
            yield json.dumps(stream_state("customers", number)).encode() + b"\n"


def measure(config: Json, streams: Json, written: Iterable[bytes]) -> Measured:
    """Write lines as they are made and read what comes back, keeping neither."""
    measured = Measured()
    with TemporaryDirectory() as folder:
        files = {"--config": config, "--catalog": streams}
        arguments = [part for name, content in files.items() for part in (name, _file(Path(folder) / name, content))]
        process = subprocess.Popen(
            [*COMMAND, "write", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        )
        assert process.stdin is not None
        assert process.stdout is not None
        feeder = threading.Thread(target=_feed, args=(process.stdin, written))
        feeder.start()
        for line in process.stdout:
            measured.peak_bytes = max(measured.peak_bytes, _peak_bytes(process.pid))
            message = json.loads(line)
            if message["type"] == "STATE":
                stats = message["state"]["destinationStats"]
                measured.records += int(stats["recordCount"])
                measured.rejected += int(stats["rejectedRecordCount"])
            elif message["type"] == "LOG":
                measured.log.append(message["log"]["message"])
        feeder.join()
        measured.code = process.wait()
    return measured


def stored_codes(bucket: StoredFiles) -> dict[int, tuple[str, str]]:
    """Return each stored row's reason, and the value that gave it, by its number; every row is there once."""
    found: dict[int, tuple[str, str]] = {}
    times_found: Counter[int] = Counter()
    for file in bucket.files():
        for row in parsed(file, bucket.content(file)):
            number, code = int(row[f"{REASON}row"]), row[f"{REASON}code"]
            came = json.loads(row["_airbyte_data"])
            assert came["name"] == f"Name {number}"
            found[number] = (code, came["key"] if came["key"] == NO_KEY else came["term.id"])
            times_found[number] += 1
    assert set(times_found.values()) == {1}
    return found


def _feed(stdin: Any, written: Iterable[bytes]) -> None:
    with stdin:
        for line in written:
            stdin.write(line)


def _file(path: Path, content: Json) -> str:
    path.write_text(json.dumps(content))
    return str(path)


def _peak_bytes(pid: int) -> int:
    """Return the most memory that a process has held so far; 0 where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    text = status.read_text() if status.exists() else ""
    told = next((line for line in text.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(told.split()[1]) << 10
