"""What becomes of a document whose rows have not all come, or cannot be one: none is booked in halves."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, global_state, record, stream_state, stream_status
from connector_process import writing
from emulator_process import EmulatorProcess
from sync_in_process import Synced, sync

from destination_sage_intacct.protocol.messages import ProtocolError
from destination_sage_intacct.rows.mapping import MappingError

Json = Any

INVOICES = "accounts-receivable/invoice"
CUSTOMERS = "accounts-receivable/customer"
HEADER = {"no": "invoiceNumber", "customer": "customer.id", "dated": "invoiceDate", "due": "dueDate"}
FIELDS = {"amount": "txnAmount", "account": "glAccount.id"}
COLUMNS = (*HEADER, *FIELDS, "company")
BY_ID = {"matching": {"by": "fields", "fields": ["id"]}}
CUT_SHORT = (
    "The input ended within a document of stream lines (its row {row}, line {line} of the input): neither a STATE nor "
    "the end of the stream follows, as when a source fails. The document was not booked, everything else was "
    "delivered, and the next sync sends it again. See in the log why the source ended."
)


def mapped(fields: dict[str, str]) -> list[Json]:
    return [{"column": column, "field": field} for column, field in fields.items()]


def of_lines(stream: str = "lines", **settings: Json) -> Json:
    lines = {"group_by": ["no"], "fields": mapped(FIELDS)}
    return {
        "stream": stream,
        "object_type": "Invoice",
        "field_mapping": mapped(HEADER),
        "lines": lines,
    } | settings


CUSTOMER = {"stream": "customers", "object_type": "Customer", **BY_ID}
CATALOG = catalog(
    configured_stream("lines", "append", columns=COLUMNS),
    configured_stream("others", "append", columns=COLUMNS),
    configured_stream("customers", "append_dedup", columns=("id", "name")),
)


CATALOG_OF_LINES = catalog(configured_stream("lines", "append", columns=COLUMNS))


def line(number: int, amount: str = "10", stream: str = "lines", **more: Json) -> Json:
    row = {"no": f"I-{number}", "customer": "CUST-100", "dated": "2026-01-05", "due": "2026-02-05"}
    return record(stream, row | {"amount": amount, "account": "4000", "company": None, **more})


def customer(name: str, **more: Json) -> Json:
    return record("customers", {"id": name, "name": name, **more})


@pytest.fixture
def take(emulator: EmulatorProcess, config_for: Callable[..., Json]) -> Callable[..., Synced]:
    def run(*messages: Json, streams: tuple[Json, ...] = (of_lines(), of_lines("others"), CUSTOMER)) -> Synced:
        return sync(config_for(emulator, streams=list(streams)), CATALOG, messages)

    return run


def booked(emulator: EmulatorProcess) -> dict[str, list[str]]:
    return {each["invoiceNumber"]: [line["txnAmount"] for line in each["lines"]] for each in emulator.records(INVOICES)}


def entities(emulator: EmulatorProcess) -> dict[str, Json]:
    return {each["invoiceNumber"]: (each.get("entity") or {}).get("id") for each in emulator.records(INVOICES)}


def names(emulator: EmulatorProcess) -> set[str]:
    return {each["id"] for each in emulator.records(CUSTOMERS)}


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        (b"{broken", ProtocolError),
        (record("strangers", {}), ProtocolError),
        (record("customers", {"id": "C-2", "name": "a", "NAME": "b"}), MappingError),
    ],
)
def test_a_document_that_is_open_when_the_input_breaks_is_not_booked_but_all_else_is(
    emulator: EmulatorProcess, take: Callable[..., Synced], broken: Json, error: type[Exception]
) -> None:
    cut = take(line(1), line(1), stream_state("lines", 1), line(2), stream_state("lines", 2), customer("C-1"), broken)

    assert isinstance(cut.error, error)
    assert list(booked(emulator)) == ["I-1"]
    assert "C-1" in names(emulator)
    assert [state["id"] for state in cut.states] == [1]

    whole = take(line(2), line(2, "20"), stream_state("lines", 3))
    assert whole.error is None
    assert booked(emulator)["I-2"] == ["10", "20"]


def test_a_document_that_the_end_of_the_input_cuts_short_is_not_booked_and_the_sync_says_so(
    emulator: EmulatorProcess, take: Callable[..., Synced]
) -> None:
    cut = take(line(1), line(2), stream_state("lines", 1), line(2), customer("C-1"))

    assert isinstance(cut.error, ProtocolError)
    assert str(cut.error) == CUT_SHORT.format(row=3, line=4)
    assert list(booked(emulator)) == ["I-1"]
    assert "C-1" in names(emulator)
    assert cut.states == []


@pytest.mark.parametrize(
    "behind",
    [
        [stream_state("lines", 1)],
        [global_state(1, ["lines", "others", "customers"])],
        [stream_state("customers", 1), stream_status("lines", "COMPLETE")],
        [],
    ],
    ids=["its STATE", "a GLOBAL STATE", "its COMPLETE", "nothing in the whole input"],
)
def test_the_last_document_is_booked_where_nothing_tells_that_it_was_cut_short(
    emulator: EmulatorProcess, take: Callable[..., Synced], behind: list[Json]
) -> None:
    finished = take(line(1), line(1, "20"), *behind)

    assert finished.error is None
    assert booked(emulator) == {"I-1": ["10", "20"]}


@pytest.mark.parametrize(
    "behind",
    [
        stream_state("others", 1),
        stream_status("others", "COMPLETE"),
        stream_status("strangers", "COMPLETE"),
    ],
    ids=["STATE", "COMPLETE", "COMPLETE of no stream of the catalog"],
)
def test_what_is_told_of_another_stream_does_not_make_a_document_whole(
    emulator: EmulatorProcess, take: Callable[..., Synced], behind: Json
) -> None:
    cut = take(line(1), behind)

    assert str(cut.error) == CUT_SHORT.format(row=1, line=1)
    assert booked(emulator) == {}


@pytest.mark.parametrize("status", ["STARTED", "RUNNING", "INCOMPLETE"])
def test_another_status_changes_nothing(emulator: EmulatorProcess, take: Callable[..., Synced], status: str) -> None:
    finished = take(line(1), stream_status("lines", status), line(1, "20"))

    assert finished.error is None
    assert booked(emulator) == {"I-1": ["10", "20"]}


def test_a_complete_stream_has_its_last_document_booked_and_its_state_released_while_others_go_on(
    emulator: EmulatorProcess, config_for: Callable[..., Json]
) -> None:
    config = config_for(emulator, streams=[of_lines(), of_lines("others"), CUSTOMER])
    with writing(config, CATALOG) as run:
        run.send(line(1), stream_state("lines", 1), stream_status("lines", "COMPLETE"))

        assert run.next("STATE")["state"]["id"] == 1
        assert list(booked(emulator)) == ["I-1"]
        assert run.finish().code == 0


@pytest.mark.parametrize(
    ("company", "said"),
    [
        ("200", "field company: Rows 1 and 2 are lines of one document and are for different entities."),
        (None, "field company: Rows 1 and 2 are lines of one document and are for different entities."),
        ("no such", "field company: The row's entity does not exist in this company."),
        (True, "field company: The row's entity is not a text or number."),
        ("100\r\nX: y", "field company: The row's entity holds characters that no ID has."),
    ],
)
def test_a_document_whose_lines_are_not_for_one_entity_is_rejected_whole(
    emulator: EmulatorProcess, take: Callable[..., Synced], company: Json, said: str
) -> None:
    rows = [line(1, company="100"), line(1, company=company), line(1, company="100"), line(2, company="100")]

    finished = take(
        *rows, stream_state("lines", 1), streams=(of_lines(entity_field="company"), of_lines("others"), CUSTOMER)
    )

    assert finished.outcomes("lines") == {"created": 1, "rejected": 3}
    assert all(said in each for each in finished.rejections)
    assert entities(emulator) == {"I-2": "100"}


def test_a_document_of_too_many_lines_is_rejected_and_the_next_one_is_booked(
    emulator: EmulatorProcess, take: Callable[..., Synced]
) -> None:
    finished = take(*(line(1) for _ in range(10_003)), line(2), stream_state("lines", 1))

    assert finished.outcomes("lines") == {"created": 1, "rejected": 10_003}
    assert "document of more than 10,000 lines" in finished.rejections[0]
    assert list(booked(emulator)) == ["I-2"]


def test_a_header_that_a_null_leaves_out_agrees_with_one_that_has_no_such_column(
    emulator: EmulatorProcess, config_for: Callable[..., Json]
) -> None:
    described = of_lines(field_mapping=mapped({**HEADER, "company": "description"}))
    bare = line(1, "20")
    del bare["record"]["data"]["company"]

    finished = sync(
        config_for(emulator, streams=[described, of_lines("others"), CUSTOMER], null_values="clear"),
        CATALOG,
        [line(1), bare],
    )

    assert finished.error is None
    assert booked(emulator) == {"I-1": ["10", "20"]}


@pytest.mark.parametrize("mark", ["", "  ", False, None])
def test_a_row_whose_mark_of_deletion_is_empty_is_not_deleted(
    emulator: EmulatorProcess, config_for: Callable[..., Json], mark: Json
) -> None:
    config = config_for(emulator, streams=[of_lines(), of_lines("others"), CUSTOMER], on_source_delete="delete")

    finished = sync(config, CATALOG, [customer("CUST-100", _ab_cdc_deleted_at=mark)])

    assert finished.outcomes("customers") == {"updated": 1}
    assert "CUST-100" in names(emulator)


def test_the_entities_of_many_rows_cost_one_query_and_it_is_the_streams_own(
    emulator: EmulatorProcess, config_for: Callable[..., Json]
) -> None:
    config = config_for(emulator, streams=[{**CUSTOMER, "entity_field": "company"}])
    streams = catalog(configured_stream("customers", "append_dedup", columns=("id", "name", "company")))

    finished = sync(config, streams, [customer(f"C-{n}", company=f"X-{n}") for n in range(30)])

    assert finished.outcomes("customers") == {"rejected": 30}
    assert "; 1 request, 1 API transaction," in finished.summaries[0]


def test_states_within_a_document_are_one_write_with_the_next_one_behind_it(
    emulator: EmulatorProcess, config_for: Callable[..., Json]
) -> None:
    class Writes(io.BytesIO):
        """A standard output that knows what came in one write."""

        def __init__(self) -> None:
            super().__init__()
            self.states: list[list[int]] = []

        def write(self, data: Any) -> int:
            messages = [json.loads(line) for line in bytes(data).splitlines()]
            self.states.append([each["state"]["id"] for each in messages if each["type"] == "STATE"])
            return super().write(data)

    stdout = Writes()
    rows = [line(1), stream_state("lines", 1), line(1), stream_state("lines", 2), line(2), stream_state("lines", 3)]

    assert sync(config_for(emulator, streams=[of_lines()]), CATALOG_OF_LINES, rows, stdout=stdout).error is None

    assert [states for states in stdout.states if states] == [[1, 2], [3]]


BY_NUMBER = {"matching": {"by": "fields", "fields": ["invoiceNumber"]}, "operation": "upsert"}


def test_a_first_document_that_is_the_end_of_a_booked_one_takes_no_line_off(
    emulator: EmulatorProcess, take: Callable[..., Synced]
) -> None:
    streams = (of_lines(**BY_NUMBER), of_lines("others"), CUSTOMER)
    rows = [line(1, "10"), line(1, "20"), line(1, "30")]
    assert take(*rows, stream_state("lines", 1), streams=streams).outcomes("lines") == {"created": 3}

    cut = take(*rows[1:], line(2), stream_state("lines", 2), streams=streams)

    assert cut.outcomes("lines") == {"created": 1, "rejected": 2}
    assert "has only the last 2 of the 3 lines that are booked" in cut.rejections[0]
    assert booked(emulator) == {"I-1": ["10", "20", "30"], "I-2": ["10"]}


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ([line(2), line(1, "20"), line(1, "30")], ["20", "30"]),  # not the first document
        ([line(1, "10"), line(1, "20")], ["10", "20"]),  # not its end
        ([line(1, "20"), line(1, "31")], ["20", "31"]),  # a line has changed
        ([line(1, "10"), line(1, "20"), line(1, "30"), line(1, "40")], ["10", "20", "30", "40"]),
    ],
)
def test_any_other_document_gets_the_lines_of_its_rows(
    emulator: EmulatorProcess, take: Callable[..., Synced], rows: list[Json], lines: list[str]
) -> None:
    streams = (of_lines(**BY_NUMBER), of_lines("others"), CUSTOMER)
    take(line(1, "10"), line(1, "20"), line(1, "30"), stream_state("lines", 1), streams=streams)

    assert take(*rows, stream_state("lines", 2), streams=streams).error is None
    assert booked(emulator)["I-1"] == lines
