"""What a random sync is held against: the rows that went in, its STATEs and summaries, what the server holds."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from books import Outcomes
from emulator_process import EmulatorProcess
from random_syncs import Row, State, Step
from sync_in_process import Synced

CUSTOMERS, INVOICE_PATH = "accounts-receivable/customer", "accounts-receivable/invoice"


def held(emulator: EmulatorProcess, path: str, shown: Callable[[Any], tuple[str, ...]]) -> Counter[tuple[str, ...]]:
    return Counter(shown(each) for each in emulator.records(path))


def assert_every_row_has_an_outcome(
    steps: tuple[Step, ...], allowed: list[Outcomes], synced: Synced, *, is_first: bool
) -> None:
    """Check the summaries, the reasons and the STATEs of one sync against the rows that went into it."""
    explained = {tuple(re.match(r"Rejected row (\d+) of stream (\w+)", line).groups()) for line in synced.rejections}
    assert len(explained) == len(synced.rejections)
    silent = set(re.findall(r"Not every rejected row of stream (\w+)", "\n".join(synced.log)))
    ended_well = synced.error is None
    for line in synced.summaries:
        stream, received, shown = re.match(r"Summary of (\w+) .*: (\d+) rows? = ([^;]+);", line).groups()
        counts = {word: int(number) for number, word in (part.split(" ", 1) for part in shown.split(" + "))}
        rows = [(step, may) for step, may in zip(steps, allowed, strict=True) if getattr(step, "data", None)]
        rows = [(step, may) for step, may in rows if step.stream == stream]
        assert sum(counts.values()) == int(received)
        assert not ended_well or int(received) == len(rows)
        reasons = {int(number) for number, of in explained if of == stream}
        assert counts["rejected"] == (rejections_counted(synced, stream) if stream in silent else len(reasons))
        rejected = {number for number, (_, may) in enumerate(rows, start=1) if "rejected" in may}
        assert reasons <= rejected
        if is_first and ended_well:
            assert reasons == rejected or (stream in silent and counts["rejected"] == len(rejected))
            assert_outcomes(counts, Counter(may for _, may in rows), line)
    assert_states(steps, synced)


def rejections_counted(synced: Synced, stream: str) -> int:
    """Return how many rows the log counts as rejected, by reason, where it does not have a line for each."""
    lines = "\n".join(synced.log)
    return sum(int(number) for number in re.findall(rf"^Rejections of stream {stream}: (\d+) row", lines, re.MULTILINE))


def assert_outcomes(counts: dict[str, int], allowed: Counter[Outcomes], line: str) -> None:
    """Check each count against the rows that must come to it, and those that may."""
    for outcome, count in counts.items():
        must = sum(number for may, number in allowed.items() if may == {outcome})
        can = sum(number for may, number in allowed.items() if outcome in may)
        assert must <= count <= can, (line, allowed)


def assert_states(steps: tuple[Step, ...], synced: Synced) -> None:
    """Check that STATEs came in order, none without those before it, each with the count of its own rows."""
    expected: dict[str | None, list[tuple[int, int]]] = {}
    counts: Counter[str] = Counter()
    for step in steps:
        if isinstance(step, Row):
            counts[step.stream] += 1
        elif isinstance(step, State):
            own = list(counts) if step.stream is None else [step.stream]
            covered = sum(counts.pop(stream, 0) for stream in own)
            expected.setdefault(step.stream, []).append((step.identity, covered))
    released: dict[str | None, list[tuple[int, int]]] = {}
    for state in synced.states:
        stats = state["destinationStats"]
        stream = state["stream"]["stream_descriptor"]["name"] if state["type"] == "STREAM" else None
        rows = int(stats["recordCount"] + stats["rejectedRecordCount"])
        released.setdefault(stream, []).append((state["id"], rows))
    for stream, states in expected.items():
        came = released.get(stream, [])
        assert came == (states if synced.error is None else states[: len(came)])
    if "Not every rejected row" not in "".join(synced.log):
        told = sum(state["destinationStats"]["rejectedRecordCount"] for state in synced.states)
        assert told <= len(synced.rejections)
