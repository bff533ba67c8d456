"""What the demo prints: pure functions from answers to lines of at most 100 columns."""

import os
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

WIDTH = 100
COLUMNS = {
    "key": "key",
    "id": "id",
    "name": "name",
    "status": "status",
    "credit limit": "creditLimit",
    "email": "contacts.default.email1",
}
DOCUMENT_COLUMNS = {"key": "key", "reference": "referenceNumber", "date": "postingDate", "text": "description"}
LINE_COLUMNS = {
    "side": "txnType",
    "amount": "txnAmount",
    "account": "glAccount.id",
    "department": "dimensions.department.id",
}
WIDEST_CELL = 22
_COLOURED = sys.stdout.isatty() and "NO_COLOR" not in os.environ


@dataclass(frozen=True, slots=True)
class Counts:
    """What the STATEs of a stream say about its rows: accepted (all but rejected) and rejected."""

    accepted: int
    rejected: int


def counts_by_stream(states: Iterable[Json]) -> dict[str, Counts]:
    """Add up the counts of each stream's STATEs."""
    total: dict[str, Counts] = {}
    for state in states:
        name = state["stream"]["stream_descriptor"]["name"]
        stats = state["destinationStats"]
        so_far = total.get(name, Counts(0, 0))
        total[name] = Counts(
            so_far.accepted + int(float(stats["recordCount"])),
            so_far.rejected + int(float(stats["rejectedRecordCount"])),
        )
    return total


def opening(url: str, config: Json, closed_until: str) -> list[str]:
    """Say where the rows will go, and how the sync is configured, without its secrets."""
    credentials = config["credentials"]
    rows = [("stream", "becomes", "found by", "columns")]
    for entry in config["streams"]:
        mapped = entry.get("field_mapping")
        columns = f"{len(mapped)} mapped one by one" if mapped else "taken by their names"
        if "lines" in entry:
            columns = f"{len(mapped)} of the document, {len(entry['lines']['fields'])} of its lines"
        rows.append((entry["stream"], entry["object_type"], ", ".join(entry["matching"]["fields"]), columns))
    return [
        _bold(f"A sync into Sage Intacct, emulated on this machine; its books are closed up to {closed_until}"),
        *_heading("Configuration (demo/config.json; secrets are not shown)"),
        f"  API          {url}",
        f"  company      {config['company_id']}",
        f"  credentials  {credentials['auth_type']}, user {credentials['user_id']}",
        "",
        *_table(rows),
        *_heading("The connector"),
    ]


def spec(specification: Json) -> list[str]:
    """Say what `spec` answered."""
    known = specification["connectionSpecification"]
    return [f"  spec   {len(known['properties'])} settings, required: {', '.join(known['required'])}"]


def check(status: Json) -> list[str]:
    """Say what `check` answered."""
    said = f"{status['status']}  {status.get('message') or ''}".rstrip()
    return _wrapped(said, "  check  ", "         ")


def outcomes(
    received: Mapping[str, int], counts: Mapping[str, Counts], summaries: Iterable[str], seconds: float
) -> list[str]:
    """Set the rows that went in against what the STATEs and the connector's own summary say of them."""
    rows = [("stream", "rows in", "accepted", "rejected")]
    for stream, number in received.items():
        found = counts.get(stream, Counts(0, 0))
        rows.append((stream, str(number), str(found.accepted), str(found.rejected)))
    lines = [
        f"  write  {sum(received.values())} rows in {seconds:.1f} s",
        *_heading("Outcome of the rows"),
    ]
    lines += [*_table(rows, right=(1, 2, 3)), ""]
    for text in summaries:
        lines += _wrapped(text, "  ", "    ")
    return lines


def second_run(summaries: Iterable[str], seconds: float, changed: int) -> list[str]:
    """Show what the same rows came to when they were sent once more."""
    lines = [*_heading("The same rows once more"), f"  write  in {seconds:.1f} s; records changed: {changed}"]
    lines += ["  One query per object finds that out; the documents are read whole too, for their lines.", ""]
    for text in summaries:
        lines += _wrapped(text, "  ", "    ")
    return lines


def rejected(texts: Iterable[str]) -> list[str]:
    """Show the rejected rows with the connector's own words, each reason once: the rows of a document share one."""
    alike: dict[tuple[str, str], list[str]] = {}
    for text in texts:
        row, _, reason = text.partition(": ")
        stream = row.partition(" of stream ")[2].partition(",")[0]
        alike.setdefault((stream, reason), []).append(text)
    lines = _heading("Rejected rows, and what to do")
    for first, *others in alike.values():
        lines += _wrapped(first, _red("  x "), "    ")
        lines += [f"    Row {other.split()[2]} as well, for the same reason." for other in others]
    return lines


def exit_code(code: int, errors: Iterable[str]) -> list[str]:
    """Show how the sync ended, and the message that Airbyte shows for it."""
    lines = _heading(f"How the sync ends: exit code {code}")
    for error in errors:
        lines += _wrapped(error, "  ", "  ")
    return lines


def records(title: str, before: Mapping[str, Json], after: Mapping[str, Json]) -> list[str]:
    """Show the records that the API holds, and mark what the sync did to each."""
    rows = [("", *COLUMNS)]
    rows += [(mark, *_values(record, COLUMNS)) for mark, record in _marked(before, after)]
    return [*_heading(f"Read back over the API, {title}"), *_table(rows, right=(1, 5))]


def documents(title: str, before: Mapping[str, Json], after: Mapping[str, Json]) -> list[str]:
    """Show the documents that the API holds line by line, and mark what the sync did to each."""
    rows = [("", *DOCUMENT_COLUMNS, *LINE_COLUMNS)]
    for mark, record in _marked(before, after):
        head = (mark, *_values(record, DOCUMENT_COLUMNS))
        for line in record["lines"]:
            rows.append((*head, *_values(line, LINE_COLUMNS)))
            head = ("",) * len(head)
    return [*_heading(f"Read back over the API, {title}"), *_table(rows, right=(1, 6))]


def next_steps(version: str, company: str) -> list[str]:
    """Say what a newcomer may want to do next.

    Args:
        version: of the connector.
        company: the address of the demo's own company in a browser, empty if it has ended.
    """
    own = [f"  The company of this demo is open in a browser until you press Enter: {company}"]
    started = [
        "  See an emulated company in a browser, with what it holds, its general ledger and its requests:",
        "",
        "    .venv/bin/intacct-emulator --port 8000",
        "",
        "  and open http://127.0.0.1:8000/. docs/first-sync.md shows a sync into it by hand.",
    ]
    rejected_rows = (
        "Where rejected rows are: in the sync's log, each in a line that begins with `Rejected row`, as above. With "
        "`object_storage_config` each is also in a file in your bucket, whole and with its reason: "
        "docs/rejected-rows.md."
    )
    airbyte = (
        "Then, in Airbyte: Settings > Destinations > New connector > Add a new Docker connector; the `api_url` of the "
        "destination is http://host.docker.internal:8040/ia/api/v1. docs/image.md has the details."
    )
    return [
        *_heading("What next"),
        *(own if company else started),
        "",
        "  Let an Airbyte of `abctl` on this machine write into an emulated company:",
        "",
        "    make image",
        f"    kind load docker-image airbyte/destination-sage-intacct:{version} --name airbyte-abctl",
        "    EMULATOR_ADDRESS=0.0.0.0 docker compose up -d emulator",
        "",
        *_wrapped(airbyte, "  ", "  "),
        "",
        *_wrapped(rejected_rows, "  ", "  "),
    ]


def _marked(before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    for key, record in sorted(after.items(), key=lambda item: int(item[0])):
        yield "created" if key not in before else "updated" if record != before[key] else "", record


def _values(record: Json, columns: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(_value(record, field) for field in columns.values())


def _value(record: Json, field: str) -> str:
    value: Any = record
    for part in field.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    text = "" if value is None else str(value)
    return text if len(text) <= WIDEST_CELL else text[: WIDEST_CELL - 1] + "…"


def _table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for number, row in enumerate(rows):
        cells = [
            cell.rjust(width) if position in right else cell.ljust(width)
            for position, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        line = ("  " + "  ".join(cells)).rstrip()
        lines.append(_dim(line) if number == 0 else line)
    return lines


def _heading(text: str) -> list[str]:
    return ["", _bold(text)]


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    lines: list[str] = []
    for part in text.splitlines():
        lines += textwrap.wrap(part, WIDTH - len(rest), break_long_words=False, break_on_hyphens=False)
    return [(rest if number else first) + line for number, line in enumerate(lines)]


def _bold(text: str) -> str:
    return _styled(text, "1")


def _dim(text: str) -> str:
    return _styled(text, "2")


def _red(text: str) -> str:
    return _styled(text, "31")


def _styled(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if _COLOURED else text
