"""The shapes of everyday syncs: their rows and emulator, how fast they could and should arrive."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from benchmarks.connector_run import Rows
from benchmarks.customers import PATH, Customers
from benchmarks.everyday_rows import COLUMNS, CUSTOMERS_OF_INVOICES, ONE_BAD_IN, Everyday, stream
from benchmarks.throughput import BATCH, INSERT, RECORD_SECONDS, REQUEST_SECONDS, UPSERT, emulator_flags
from integration_tests.emulator_process import EmulatorProcess

Json = Any
Prepare = Callable[[EmulatorProcess], None]

LIMIT = 6
INVOICE = "accounts-receivable/invoice"
KNOWN_LIMIT = ("--limit-headers=true",)
LONG_TAIL = ("--latency-spread=0.5",)
# What a request reads of documents whose lines are compared.
READ = 50
OBJECTS = 20
BESIDE_DLT = 5_000
_SEVERAL = {"by": "fields", "fields": ["customer.id", "invoiceNumber"]}


@dataclass(frozen=True, slots=True)
class Aim:
    """What a figure should reach.

    Attributes:
        figure: its name, see `benchmarks.everyday_results`.
        bound: the number.
        most: whether it is the most that is allowed, rather than the least.
    """

    figure: str
    bound: float
    most: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """One sync that is measured.

    Attributes:
        name: chooses it on the command line.
        what: describes it.
        rows: what is written.
        settings: those of the connector, besides the emulator's address.
        request_seconds: what the requests take that the data needs, one after another.
        limit: requests in flight that the emulator allows.
        flags: of the emulator, besides its times and its limit.
        prepare: what the company holds before.
        rejected: how many rows are meant to be.
        aims: what to reach.
        peer: the program of `benchmarks.peers` that sends the rows, if it is not the connector.
        alone: whether every request is answered at once, without an emulator, and CPU time is what counts.
    """

    name: str
    what: str
    rows: Rows
    settings: Mapping[str, Json]
    request_seconds: float
    limit: int = LIMIT
    flags: tuple[str, ...] = ()
    prepare: Prepare | None = None
    rejected: int = 0
    aims: tuple[Aim, ...] = ()
    peer: str = ""
    alone: bool = False

    @property
    def bound_seconds(self) -> float:
        """The least that the rows can take."""
        return self.request_seconds / self.limit

    @property
    def emulator_flags(self) -> list[str]:
        """The command line of its emulator."""
        demo = ("bad", "invoices", "documents")
        flags = emulator_flags(self.limit)
        if isinstance(self.rows, Everyday) and self.rows.kind in demo:
            flags.remove("--no-demo-data")
        return [*flags, *self.flags]


@dataclass(frozen=True, slots=True)
class Peer:
    """Another way to send the rows: a program of `benchmarks.peers`.

    Attributes:
        program: its module.
        what: describes it.
        rows: how many are sent; fewer than the others send where each row is a separate request.
    """

    program: str
    what: str
    rows: int = BESIDE_DLT


PEERS = (
    Peer("loop", "plain loop of requests", 60),
    Peer("sdk", "loop over Fyle's SDK", 60),
    Peer("drt_batches", "drt, 500 rows a request"),
    Peer("cdk", "minimal CDK destination, 500 rows a request"),
    Peer("dlt_jobs", "dlt's @destination, six jobs of 500 rows"),
)


def request_seconds(rows: int, records: int = BATCH, with_each: float = 0.0) -> float:
    """Return the seconds to send or read rows, a number of them in a request, with other requests for each of these."""
    return ceil(rows / records) * (REQUEST_SECONDS + with_each) + rows * RECORD_SECONDS


def _fraction(least: float) -> tuple[Aim, ...]:
    return (Aim("fraction", least),)


def _inserts(rows: int, least: float, known: float, limit: int = LIMIT) -> Iterator[Shape]:
    """Inserts, where no answer says what the limit is, and where each does."""
    name = f"inserts-{rows}" if limit == LIMIT else f"inserts-{rows}-limit-{limit}"
    what = f"inserts, {rows:,} rows" if limit == LIMIT else f"inserts, {rows:,} rows, limit {limit}"
    needs = request_seconds(rows)
    yield Shape(name, what, Customers(rows), INSERT, needs, limit, aims=_fraction(least))
    with_header = f"{what}, limit in the headers"
    yield Shape(f"{name}-known", with_header, Customers(rows), INSERT, needs, limit, KNOWN_LIMIT, aims=_fraction(known))


def _upserts(rows: int, least: float) -> Shape:
    what = f"upserts of new rows, {rows:,} rows, of the inserts' bound"
    return Shape(f"upserts-{rows}", what, Customers(rows), UPSERT, request_seconds(rows), aims=_fraction(least))


def again(rows: int) -> Shape:
    """Customers that the company holds already, of which one in a hundred has another name."""
    before = Customers(rows)
    changed = Customers(rows, renamed_every=100, renaming=1)

    def prepare(emulator: EmulatorProcess) -> None:
        emulator.hold(PATH, *(before.body(number) for number in range(1, rows + 1)))

    needs = request_seconds(rows) + request_seconds(rows // 100)
    aims = (Aim("transactions", 105 * rows / 10_000, most=True),)
    return Shape("again", f"{rows:,} rows again, 1 % changed", changed, UPSERT, needs, prepare=prepare, aims=aims)


def _customers_of_invoices(emulator: EmulatorProcess) -> None:
    emulator.hold(PATH, *({"id": f"C-{number}", "name": "x"} for number in range(CUSTOMERS_OF_INVOICES)))


def invoices(rows: int) -> Shape:
    """New invoices, each found by two fields."""
    settings = {"operation": "upsert", "object_type": "Invoice", "matching": _SEVERAL}
    aims = (Aim("filters", 2, most=True), Aim("fraction", 0.75))
    what = f"{rows:,} new invoices by customer and number"
    needs = request_seconds(rows, with_each=REQUEST_SECONDS)
    given = Everyday("invoices", rows)
    return Shape("invoices-two-fields", what, given, settings, needs, prepare=_customers_of_invoices, aims=aims)


def documents(rows: int) -> Shape:
    """Invoices of ten lines that the company holds already."""
    given = Everyday("documents", rows)

    def prepare(emulator: EmulatorProcess) -> None:
        _customers_of_invoices(emulator)
        emulator.hold(INVOICE, *(given.columns(number) for number in range(rows)))

    settings = {
        "operation": "upsert",
        "object_type": "Invoice",
        "matching": {"by": "fields", "fields": ["invoiceNumber"]},
    }
    needs = request_seconds(rows) + request_seconds(rows, READ)
    what = f"{rows:,} invoices of 10 lines again, unchanged"
    return Shape("documents-again", what, given, settings, needs, prepare=prepare, aims=_fraction(0.6))


def deletes(rows: int) -> Shape:
    """Records that are deleted by their keys."""
    # An emulator without demo data gives its records the keys after those of its entities.
    first = 101
    given = Everyday("deletes", rows, first=first)

    def prepare(emulator: EmulatorProcess) -> None:
        keys = emulator.hold(PATH, *({"id": f"C-{number}", "name": "x"} for number in range(rows)))
        if keys != [str(first + place) for place in range(rows)]:
            raise RuntimeError(f"The records have the keys {keys[0]} to {keys[-1]}, and {first} is deleted first.")

    matching = {"by": "record_key", "field": "key"}
    settings = {"operation": "upsert", "matching": matching, "on_source_delete": "delete"}
    needs = request_seconds(rows)
    return Shape("deletes", f"{rows:,} deletes", given, settings, needs, prepare=prepare, aims=_fraction(0.7))


def bad(rows: int) -> Shape:
    """Inserts of which one in ten refers to nothing, where one bad row spoils its batch."""
    settings = {**INSERT, "rejected_rows": {"policy": "continue"}}
    return Shape(
        "bad-rows",
        f"{rows:,} rows, one in ten bad, batches refused as a whole",
        Everyday("bad", rows),
        settings,
        request_seconds(rows),
        flags=("--partial-form=whole",),
        rejected=rows // ONE_BAD_IN,
        aims=_fraction(0.35),
    )


def versions(rows: int) -> Shape:
    """Five versions of each record, one round after another."""
    aims = (*_fraction(0.4), Aim("transactions", rows / 4, most=True))
    what = f"{rows:,} rows, five versions of each record"
    return Shape("versions", what, Everyday("versions", rows), UPSERT, request_seconds(rows), aims=aims)


def streams(rows: int, aim: Aim) -> Shape:
    """Streams of as many objects, with this number of rows each."""
    entries = [
        {"stream": stream(place), "object_type": "Custom object", "custom_object_path": f"platform-apps/nsp::b{place}"}
        for place in range(OBJECTS)
    ]
    settings = {"operation": "upsert", "matching": {"by": "fields", "fields": ["name"]}, "streams": entries}
    # A model for each object, and a query for each batch. Sage gives custom objects their ids, so rows have none.
    needs = OBJECTS * (REQUEST_SECONDS + request_seconds(rows, with_each=REQUEST_SECONDS))
    given = Everyday("objects", OBJECTS * rows, streams=OBJECTS)
    return Shape(
        f"streams-{rows}", f"upserts, {OBJECTS} objects' streams of {rows} rows", given, settings, needs, aims=(aim,)
    )


def trickle(rows: int) -> Shape:
    """Rows that come four a second."""
    aims = (Aim("transactions_per_row", 1.2, most=True),)
    # It takes as long as the rows take to come.
    needs = LIMIT * rows / 4
    return Shape("trickle", f"4 rows/s, {rows} rows, upserts", Everyday("trickle", rows), UPSERT, needs, aims=aims)


def _beside_peers(flags: tuple[str, ...], suffix: str, said: str) -> Iterator[Shape]:
    """The peers, and the connector to compare with them."""
    for peer in PEERS:
        rows = Customers(peer.rows)
        limit = LIMIT if peer.program == "dlt_jobs" else 1
        needs = request_seconds(peer.rows, 1 if peer.rows < BATCH else BATCH) * LIMIT / limit
        name = f"peer-{peer.program.replace('_', '-')}{suffix}"
        yield Shape(name, f"{peer.what}{said}", rows, {}, needs, flags=flags, peer=peer.program)
    rows, needs = Customers(BESIDE_DLT), request_seconds(BESIDE_DLT)
    what = f"{BESIDE_DLT:,} rows"
    beside = () if suffix else (Aim("times_dlt", 0.9, most=True),)
    yield Shape(f"beside-inserts{suffix}", f"inserts, {what}{said}", rows, INSERT, needs, flags=flags, aims=beside)
    yield Shape(f"beside-upserts{suffix}", f"upserts, {what}{said}", rows, UPSERT, needs, flags=flags)
    if not suffix:
        aims = (Aim("times_dlt", 0.8, most=True),)
        text = f"inserts, {what}, limit in the headers"
        yield Shape("beside-inserts-known", text, rows, INSERT, needs, flags=KNOWN_LIMIT, aims=aims)


def _cpu(kind: str, rows: int, most: float) -> Shape:
    given = Everyday(kind, rows)
    what = f"CPU time of a row of {COLUMNS[kind]} columns, {rows:,} rows"
    aims = (Aim("times_other", most, most=True),)
    return Shape(f"cpu-{COLUMNS[kind]}", what, given, INSERT, 0, aims=aims, alone=True)


@dataclass(frozen=True, slots=True)
class Part:
    """Shapes under one heading."""

    title: str
    shapes: tuple[Shape, ...] = field(default=())


PARTS = (
    Part(
        "Everyday sizes",
        (
            *_inserts(500, 0.15, 0.22),
            *_inserts(2_000, 0.45, 0.5),
            *_inserts(10_000, 0.8, 0.85),
            _upserts(10_000, 0.8),
            again(10_000),
            trickle(60),
        ),
    ),
    Part(
        "Odd shapes",
        (
            invoices(10_000),
            documents(2_000),
            deletes(5_000),
            bad(2_000),
            versions(2_000),
            streams(50, Aim("seconds", 5, most=True)),
            streams(500, Aim("fraction", 0.75)),
        ),
    ),
    Part("Compared with others", tuple(_beside_peers((), "", ""))),
    Part("Compared with others, times drawn from a long tail", tuple(_beside_peers(LONG_TAIL, "-tail", ", long tail"))),
    Part("CPU time", (_cpu("narrow", 50_000, 0.5), _cpu("wide", 5_000, 0.4))),
    Part(
        "Long syncs",
        (
            _upserts(120_000, 0.93),
            *_inserts(120_000, 0.95, 0.97),
            *_inserts(40_000, 0.95, 0.97, 2),
            *_inserts(20_000, 0.95, 0.97, 1),
        ),
    ),
)
SHAPES = {shape.name: shape for part in PARTS for shape in part.shapes}
