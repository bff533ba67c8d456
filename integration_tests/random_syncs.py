"""Random syncs: which rows come in which order, under which settings, and what goes wrong on the way."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

import msgspec
from airbyte_input import catalog, configured_stream, global_state, record, stream_state
from hypothesis import strategies as st

Json = Any
Operation = Literal["upsert", "update", "insert"]

BY_ID, BY_NAME, OWN_IDS, INVOICES, BY_KEY, LINED = "by_id", "by_name", "own_ids", "invoices", "by_key", "lined"
MODES = {
    BY_ID: "append",
    BY_NAME: "append_dedup",
    OWN_IDS: "append",
    INVOICES: "append",
    BY_KEY: "update",
    LINED: "append_dedup",
}
COLUMNS = {
    BY_ID: ("id", "name", "creditLimit", "status"),
    BY_NAME: ("name", "taxId", "creditLimit", "status", "at"),
    OWN_IDS: ("row", "id", "name", "creditLimit", "status"),
    INVOICES: ("row", "customer__id", "invoiceDate", "dueDate", "lines", "referenceNumber", "state"),
    BY_KEY: ("key", "notes", "status"),
    LINED: ("no", "customer", "dated", "due", "amount", "account"),
}
_HEADER = {"no": "invoiceNumber", "customer": "customer.id", "dated": "invoiceDate", "due": "dueDate"}
_LINE = {"amount": "txnAmount", "account": "glAccount.id"}
LINES = [{"txnAmount": "100.10", "glAccount": {"id": "4000"}}]
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_UNREADABLE = "@@"  # stands in the data for what no JSON reader takes
UNREADABLE = {
    "half a character": rb'"\ud83d"',
    "5,000 digits": b"7" * 5000,
    "an exponent": b"1e888888888888888888888",
    "2,000 levels": b"[" * 2_000 + b"]" * 2_000,
    "no UTF-8": b'"\xf0\x28"',
}
# What the values of rows are known by wherever they show up; primary and record keys may be shown.
VALUES = ("zyxo", "77-88991", "77-88992", "12345678901234567890", "99999999999999999")


@dataclass(frozen=True)
class Row:
    """A row of a stream; `is_refused`: the server refuses it, whatever it holds.

    `unreadable`: what a column holds in place of its value, and which column; `is_spoilt`: this, or so for another row
    of its document.
    """

    stream: str
    data: dict[str, Json]
    unreadable: tuple[str, str] | None = None
    is_spoilt: bool = False

    @property
    def is_refused(self) -> bool:
        return self.data.get("status") == "asleep" or bool(self.data.get("state"))

    @property
    def is_unsendable(self) -> bool:
        return "\0" in str(self.data.get("name")) or "\0" in str(self.data.get("notes"))


@dataclass(frozen=True)
class State:
    """A STATE of a stream, or a GLOBAL one."""

    stream: str | None
    identity: int


Step = Row | State | None


@dataclass(frozen=True)
class RandomSync:
    """One sync; `steps` holds rows, states and moments without input, `faults` the emulator's rules.

    `has_cursor`: of the stream `by_name` the newest version of a record counts, by its column `at`.
    """

    streams: tuple[str, ...]
    operation: Operation
    steps: tuple[Step, ...]
    settings: dict[str, Json]
    flags: tuple[str, ...]
    faults: tuple[dict[str, Json], ...]
    has_cursor: bool = False

    @property
    def catalog(self) -> Json:
        keyed: dict[str, Json] = {
            stream: {"primary_key": [["row"]]} if "row" in COLUMNS[stream] else {} for stream in self.streams
        }
        if self.has_cursor and BY_NAME in keyed:
            keyed[BY_NAME] = {"cursor_field": ["at"]}
        return catalog(
            *(configured_stream(each, MODES[each], columns=COLUMNS[each], **keyed[each]) for each in self.streams)
        )

    @property
    def configuration(self) -> Json:
        """Return the settings that the streams of this sync need."""
        own = {
            BY_ID: {"matching": {"by": "fields", "fields": ["id"]}, "operation": self.operation},
            BY_NAME: {"matching": {"by": "fields", "fields": ["name", "taxId"]}},
            INVOICES: {"object_type": "Invoice"},
            LINED: {
                "object_type": "Invoice",
                "matching": {"by": "fields", "fields": ["invoiceNumber"]},
                "field_mapping": _mapped(_HEADER | {"no": "invoiceNumber"}),
                "lines": {"group_by": ["no"], "fields": _mapped(_LINE)},
            },
        }
        streams = [{"stream": stream, **own[stream]} for stream in self.streams if stream in own]
        return {**self.settings, "streams": streams, "rejected_rows": {"policy": "continue"}}


def _mapped(fields: dict[str, str]) -> Json:
    return [{"column": column, "field": field} for column, field in fields.items()]


def lines(steps: tuple[Step, ...], streams: tuple[str, ...]) -> list[bytes | None]:
    """Return the input that holds these steps, numbers with their own digits."""
    return [_line(step, streams) for step in steps]


def _line(step: Step, streams: tuple[str, ...]) -> bytes | None:
    if not isinstance(step, Row) or step.unreadable is None:
        message = _message(step, streams)
        return None if message is None else _ENCODER.encode(message)
    column, kind = step.unreadable
    line = _ENCODER.encode(record(step.stream, step.data | {column: _UNREADABLE}))
    return line.replace(f'"{_UNREADABLE}"'.encode(), UNREADABLE[kind])


def _message(step: Step, streams: tuple[str, ...]) -> Json | None:
    match step:
        case Row(stream, data):
            return record(stream, data)
        case State(None, identity):
            return global_state(identity, streams)
        case State(str(stream), identity):
            return stream_state(stream, identity)
    return None


def rest_after(steps: tuple[Step, ...], released: set[int]) -> tuple[Step, ...]:
    """Return what the source sends again: what no released state covers, for each stream by itself."""
    rest = list(steps)
    for place, step in enumerate(steps):
        if isinstance(step, State) and step.identity in released:
            for earlier, covered in enumerate(steps[: place + 1]):
                if step.stream is None or getattr(covered, "stream", step) == step.stream:
                    rest[earlier] = None
    return tuple(rest)


_AMOUNTS = st.sampled_from(
    [None, 0, 7, Decimal("0.10"), Decimal("1e-7"), Decimal(12345678901234567890), Decimal("-99999999999999999.99")]
)
# Any status beside active and inactive is refused, on create and on update alike.
_MOSTLY_FINE = st.sampled_from([None] * 6 + ["active"] * 3 + ["asleep"])
_NAMES = st.sampled_from(["Zyxo One"] * 4 + ["Zyxo Two"] * 4 + ["Zyxo with a NUL \0"])


def _row(stream: str, **columns: st.SearchStrategy[Any]) -> st.SearchStrategy[Row]:
    readable = st.fixed_dictionaries(columns).map(lambda data: Row(stream, data))
    # Not the number of a document: without it, nothing says which documents lack a row.
    spoilt = st.tuples(st.sampled_from([name for name in columns if name != "no"]), st.sampled_from(sorted(UNREADABLE)))
    some = st.builds(lambda row, unreadable: replace(row, unreadable=unreadable, is_spoilt=True), readable, spoilt)
    return st.one_of(*[readable] * 15, some)


_ROWS = {
    BY_ID: _row(
        BY_ID,
        id=st.sampled_from(["N-1", "n-1", "N-2", "CUST-100", None]),
        name=_NAMES,
        creditLimit=_AMOUNTS,
        status=_MOSTLY_FINE,
    ),
    BY_NAME: _row(
        BY_NAME,
        name=st.sampled_from(["Zyxo Ann", "Zyxo Bob"]),
        taxId=st.sampled_from(["77-88991", "77-88992"]),
        creditLimit=_AMOUNTS,
        status=_MOSTLY_FINE,
        at=st.sampled_from([None, 1, 2, Decimal("2.5"), 3]),
    ),
    OWN_IDS: _row(
        OWN_IDS,
        row=st.integers(1, 4),
        id=st.sampled_from(["OWN-1", "OWN-2", "OWN-3", None]),
        name=st.sampled_from(["Zyxo Eve", "Zyxo Joe"]),
        creditLimit=_AMOUNTS,
        status=_MOSTLY_FINE,
    ),
    INVOICES: _row(
        INVOICES,
        row=st.integers(1, 6),
        customer__id=st.just("CUST-100"),
        invoiceDate=st.just("2026-01-05"),
        dueDate=st.just("2026-02-05"),
        lines=st.just(LINES),
        referenceNumber=st.sampled_from(["R-1", "R-2"]),
        state=st.sampled_from([None] * 9 + ["posted"]),
    ),
    BY_KEY: _row(
        BY_KEY,
        key=st.sampled_from(["101", 102, "103", "999", None]),
        notes=st.sampled_from(["Zyxo A", "Zyxo B", "Zyxo C", None, "\0"]),
        status=_MOSTLY_FINE,
    ),
    # Its document's number follows once the rows have an order: see `_numbered`.
    LINED: _row(
        LINED,
        no=st.booleans(),
        customer=st.just("CUST-100"),
        dated=st.just("2026-01-05"),
        due=st.just("2026-02-05"),
        amount=st.sampled_from(["1.10", "2.20", "3.30"]),
        account=st.just("4000"),
    ),
}


def _numbered(steps: list[Step]) -> list[Step]:
    """Give the rows that are lines the numbers of their documents, each of which comes once."""
    number, numbered = 0, list(steps)
    for place, step in enumerate(steps):
        if isinstance(step, Row) and step.stream == LINED:
            number += step.data["no"] or not number
            numbered[place] = replace(step, data=step.data | {"no": f"D-{number}"})
    spoilt = {step.data["no"] for step in numbered if isinstance(step, Row) and step.stream == LINED and step.is_spoilt}
    return [
        replace(step, is_spoilt=True) if isinstance(step, Row) and step.data.get("no") in spoilt else step
        for step in numbered
    ]


@st.composite
def _steps(draw: st.DrawFn, streams: tuple[str, ...], covering: list[str | None]) -> tuple[Step, ...]:
    """Draw rows with states and pauses between them; the last steps are a state of each kind."""
    kinds = st.one_of(
        *[_ROWS[stream] for stream in streams] * 3,
        st.sampled_from(covering).map(lambda stream: State(stream, 0)),
        st.none(),
    )
    steps = [
        *draw(st.lists(kinds, min_size=draw(st.sampled_from([1, 12, 30])), max_size=50)),
        *(State(stream, 0) for stream in covering),
    ]
    return tuple(
        State(step.stream, place) if isinstance(step, State) else step
        for place, step in enumerate(_numbered(steps), start=1)
    )


_WHEN = st.sampled_from(["before", "after"])
_ACTIONS = st.one_of(
    st.fixed_dictionaries(
        {"kind": st.just("status"), "status": st.sampled_from([500, 502, 503, 504, 524]), "when": _WHEN}
    ),
    st.fixed_dictionaries({"kind": st.sampled_from(["cut", "malformed"]), "when": _WHEN}),
    st.just({"kind": "truncated_list"}),
    st.just({"kind": "status", "status": 429, "headers": {"Retry-After": "2"}}),
    st.just({"kind": "status", "status": 503, "headers": {"X-IA-Throttle-Limit-Retry-After": "3"}}),
)
_STRIKES = st.one_of(
    st.fixed_dictionaries({"nth": st.lists(st.integers(1, 8), min_size=1, max_size=3, unique=True)}),
    st.fixed_dictionaries({"probability": st.sampled_from([0.2, 0.5]), "times": st.integers(1, 12)}),
    st.just({}),
)
_WHERE = st.sampled_from(
    [
        {"route": "/objects/*", "method": "POST"},
        {"route": "/objects/*", "method": "PATCH"},
        {"route": "/objects/*"},
        {"route": "/services/core/query"},
    ]
)
_FAULTS = st.builds(lambda where, strikes, action: {**where, **strikes, "action": action}, _WHERE, _STRIKES, _ACTIONS)
_MAKES = st.sampled_from(
    [(), ("--partial-form", "error-list"), ("--partial-form", "whole"), ("--concurrency", "2"), ("--no-arrays",)]
)


@st.composite
def random_syncs(draw: st.DrawFn) -> RandomSync:
    """Draw a sync of one to six streams."""
    streams = tuple(draw(st.permutations(list(COLUMNS)))[: draw(st.integers(1, len(COLUMNS)))])
    faults = tuple(draw(st.lists(_FAULTS, min_size=draw(st.sampled_from([0, 1, 2])), max_size=3)))
    return RandomSync(
        streams=streams,
        operation=draw(st.sampled_from(["upsert", "upsert", "update", "insert"])),
        steps=draw(_steps(streams, draw(st.sampled_from([[None], list(streams), [*streams, None]])))),
        settings={
            "batch_size": draw(st.sampled_from([1, 2, 3, 5, 500])),
            "max_concurrency": draw(st.integers(1, 6)),
            "skip_unchanged": draw(st.booleans()),
        },
        flags=draw(_MAKES),
        faults=faults,
        # What was delivered is remembered for one sync: a replay may bring an older version after a newer one.
        has_cursor=not faults and draw(st.booleans()),
    )
