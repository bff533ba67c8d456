"""What it costs to send the same customers again when one in a hundred has changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks import report
from benchmarks.connector_run import configuration, run_connector
from benchmarks.customers import Customers
from benchmarks.report import Figure, Section
from benchmarks.throughput import UPSERT, emulator_flags
from integration_tests.emulator_process import EmulatorProcess

ROWS = 10_000
CHANGED_EVERY = 100
LIMIT = 6
TARGET_PERCENT = 1.5


@dataclass(frozen=True, slots=True)
class Cost:
    """What a sync cost: API transactions and requests as the server counted them, seconds with the start included."""

    transactions: int
    requests: int
    seconds: float


def measure(quick: bool) -> list[Section]:
    """Send the rows, then twice again with one in a hundred changed: skipping what is unchanged, and not."""
    rows = ROWS // 10 if quick else ROWS
    with EmulatorProcess(*emulator_flags(LIMIT)) as emulator:
        first = _cost(emulator, Customers(rows), {})
        skipping = _cost(emulator, Customers(rows, renamed_every=CHANGED_EVERY, renaming=1), {})
        writing = _cost(emulator, Customers(rows, renamed_every=CHANGED_EVERY, renaming=2), {"skip_unchanged": False})
    figures = [
        _figure("sent for the first time", first, writing),
        _figure("1 % changed, skip_unchanged off: every row is written", writing, writing),
        _figure("1 % changed, skip_unchanged on", skipping, writing, with_target=True),
    ]
    return [Section(f"{rows:,} customers by natural key, sent again ({LIMIT} requests in flight allowed)", figures)]


def _cost(emulator: EmulatorProcess, customers: Customers, settings: Mapping[str, object]) -> Cost:
    shown = ", ".join(f"{name} {value}" for name, value in settings.items()) or "defaults"
    report.progress(f"{customers.rows:,} customers, names of round {customers.renaming}, {shown}")
    before = emulator.stats()
    run = run_connector(configuration(emulator.url, **UPSERT, **settings), customers)
    after = emulator.stats()
    spent = {name: after[name] - before[name] for name in ("api_transactions", "requests")}
    return Cost(spent["api_transactions"], spent["requests"], run.seconds)


def _figure(what: str, cost: Cost, writing: Cost, *, with_target: bool = False) -> Figure:
    percent = 100 * cost.transactions / writing.transactions
    target = report.at_most(f"{TARGET_PERCENT} % of the transactions", percent, TARGET_PERCENT)
    return Figure(
        what,
        f"{cost.transactions:,} API transactions, {cost.seconds:.1f} s",
        f"{percent:.2f} % of the transactions, {100 * cost.seconds / writing.seconds:.0f} % of the time",
        (target,) if with_target else (),
        f"{cost.requests:,} requests",
    )


if __name__ == "__main__":
    report.main(__doc__ or "", measure)
