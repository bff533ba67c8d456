"""Every type that a custom field can have: written, read back, and unchanged when the same rows come again."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record
from emulator_process import EmulatorProcess
from invoices import INVOICES, STREAM, invoice, line
from sync_in_process import Synced, sync

Json = Any

CUSTOMERS, LINES = "accounts-receivable/customer", "accounts-receivable/invoice-line"
UDD, SUBSCRIPTIONS = "platform-apps/nsp::travel", "platform-apps/nsp::sub"
PLANS = ["gold", "silver", "gold, old"]


@dataclass(frozen=True)
class CustomField:
    """A field as the model describes it: one value in several spellings of a warehouse, as it is held, and another."""

    declared: Json
    spellings: tuple[Json, ...]
    held: Json
    other: Json


def text(**more: Json) -> Json:
    return {"type": "string", **more}


# The types of Sage's guide to custom fields.
FIELDS = {
    "nsp::CHECK_BOX": CustomField({"type": "boolean"}, (True, "Y", 1, "true"), True, False),
    "nsp::PICKLIST": CustomField(text(enum=["one", "two", None]), ("one", " ONE "), "one", "two"),
    "nsp::OPEN_PICKLIST": CustomField(text(), ("First, of all",), "First, of all", "Second"),
    "nsp::MULTI": CustomField(
        {"type": "array"}, (["b", "a, c"], '["a, c", "b"]', "b#~#a, c", "#~#a, c#~#b#~#"), ["a, c", "b"], ["b"]
    ),
    "nsp::MULTI_ALONE": CustomField({"type": "array"}, ("a, c", ["a, c"]), ["a, c"], []),
    "nsp::PLANS": CustomField(
        {"type": "array", "enum": PLANS}, (["gold", "silver"], "silver;gold", "Gold, Silver"), ["gold", "silver"], []
    ),
    "nsp::DATE": CustomField(text(format="date"), ("2026-01-31", "2026-01-31T00:00:00Z"), "2026-01-31", "2026-02-01"),
    "nsp::CURRENCY": CustomField({"type": "number"}, ("1234.50", 1234.5), Decimal("1234.5"), 59),
    "nsp::AMOUNT": CustomField(text(format="decimal-precision-2"), ("1234.5", 1234.5, "1234.500"), "1234.5", 59),
    "nsp::NUMBER": CustomField({"type": "number"}, ("-0.125", -0.125), Decimal("-0.125"), 0),
    "nsp::WHOLE": CustomField({"type": "integer"}, (7, "7", 7.0), 7, 8),
    "nsp::PERCENT": CustomField({"type": "number"}, (7, "7.0"), 7, 7.5),
    "nsp::TEXT_AREA": CustomField(text(), ("two\nlines",), "two\nlines", "one"),
    "nsp::TEXT": CustomField(text(), ("007",), "007", "7"),
    "nsp::URL": CustomField(text(), ("https://example.com/?a=b&c=%20",), "https://example.com/?a=b&c=%20", "x"),
    "nsp::EMAIL": CustomField(text(), ("Ada@example.com",), "Ada@example.com", "b@example.com"),
}
DECLARED = {name: each.declared for name, each in FIELDS.items()}
FIRST = {name: each.spellings[0] for name, each in FIELDS.items()}
LAST = {name: each.spellings[-1] for name, each in FIELDS.items()}
BY_KEY = {"matching": {"by": "record_key", "field": "key"}}
BY_ID = {"matching": {"by": "fields", "fields": ["id"]}}
each_field = pytest.mark.parametrize("name", FIELDS)


@pytest.fixture
def config(emulator: EmulatorProcess, config_for: Callable[..., Json]) -> Json:
    emulator.declare_fields(CUSTOMERS, {**DECLARED, "nsp::SEQUENCE": text(readOnly=True)})
    emulator.declare_fields(LINES, DECLARED, dimensions={"nsp::travel": {"apiObject": UDD}})
    emulator.declare_fields(UDD, {})
    return config_for(emulator, null_values="leave")


def write(config: Json, row: Json, **settings: Json) -> Synced:
    return sync(config | settings, catalog(configured_stream(STREAM, columns=tuple(row))), [record(STREAM, row)])


def writes(emulator: EmulatorProcess) -> int:
    changing = [each for each in emulator.requests(1000) if each["method"] in {"POST", "PATCH"}]
    return sum("/objects/" in each["path"] for each in changing)


def customer(emulator: EmulatorProcess) -> Json:
    (held,) = [each for each in emulator.records(CUSTOMERS) if each["id"] == "T-1"]
    return held


def same(held: Json, wanted: Json) -> bool:
    return bool(sorted(held) == sorted(wanted) if isinstance(wanted, list) else held == wanted)


@pytest.mark.parametrize("by_key", [True, False])
def test_every_type_is_held_as_its_row_says_and_unchanged_at_the_second_sync(
    emulator: EmulatorProcess, config: Json, by_key: bool
) -> None:
    row = {"id": "T-1", "name": "Typed", **FIRST}

    first = write(config, row, **BY_ID)
    held = customer(emulator)
    before = writes(emulator)
    settings = BY_KEY if by_key else BY_ID
    again = write(config, {"key": held["key"], **row, **LAST} if by_key else row | LAST, **settings)

    assert (first.outcomes(STREAM), again.outcomes(STREAM)) == ({"created": 1}, {"unchanged": 1})
    assert writes(emulator) == before
    assert [name for name, each in FIELDS.items() if not same(held[name], each.held)] == []
    assert customer(emulator) == held


@each_field
def test_each_spelling_of_a_value_is_unchanged_and_another_value_is_written(
    emulator: EmulatorProcess, config: Json, name: str
) -> None:
    given = FIELDS[name]
    write(config, {"id": "T-1", "name": "Typed", name: given.spellings[0]}, **BY_ID)

    outcomes = [write(config, {"id": "T-1", name: each}, **BY_ID).outcomes(STREAM) for each in given.spellings]
    other = write(config, {"id": "T-1", name: given.other}, **BY_ID).outcomes(STREAM)

    assert outcomes == [{"unchanged": 1}] * len(given.spellings)
    assert other == {"updated": 1}
    assert not same(customer(emulator)[name], given.held)


def document(**more: Json) -> Json:
    """Return an invoice of two lines, of which the first has these fields too."""
    return invoice(1, {**line("10.00"), **more}, "20.00")


NUMBERED = {"object_type": "Invoice", "matching": {"by": "fields", "fields": ["invoiceNumber"]}}


def test_every_type_is_held_by_a_line_and_unchanged_at_the_second_sync(emulator: EmulatorProcess, config: Json) -> None:
    first = write(config, document(**FIRST), **NUMBERED)
    held = emulator.records(INVOICES)
    before = writes(emulator)
    again = write(config, document(**LAST), **NUMBERED)

    assert (first.outcomes(STREAM), again.outcomes(STREAM)) == ({"created": 1}, {"unchanged": 1})
    assert writes(emulator) == before
    assert [name for name, each in FIELDS.items() if not same(held[0]["lines"][0][name], each.held)] == []


@each_field
def test_another_value_in_a_line_is_written(emulator: EmulatorProcess, config: Json, name: str) -> None:
    write(config, document(**FIRST), **NUMBERED)

    changed = write(config, document(**FIRST | {name: FIELDS[name].other}), **NUMBERED)

    assert changed.outcomes(STREAM) == {"updated": 1}
    assert not same(emulator.records(INVOICES)[0]["lines"][0][name], FIELDS[name].held)


@pytest.mark.parametrize(
    "spelt",
    [
        lambda key: {"dimensions": {"nsp::travel": {"key": key}}},
        lambda key: {"dimensions": {"nsp::travel": {"key": int(key)}}},
        lambda key: {"dimensions": {"nsp::travel": {"id": key}}},
        lambda key: {"dimensions": {"nsp::travel": {"id": key, "key": key}}},
        lambda key: {"dimensions.nsp::travel": key},
        lambda key: {"dimensions.nsp::travel": int(key)},
        lambda key: {"dimensions.nsp::travel.key": f" {key} "},
        lambda key: {"dimensions.nsp::travel.id": key},
    ],
)
def test_a_dimension_of_the_company_is_named_by_its_key(
    emulator: EmulatorProcess, config: Json, spelt: Callable[[str], Json]
) -> None:
    (key,) = emulator.hold(UDD, {"name": "Train"})

    outcomes = [write(config, document(**spelt(key)), **NUMBERED).outcomes(STREAM) for _ in range(2)]

    assert outcomes == [{"created": 1}, {"unchanged": 1}]
    assert emulator.records(INVOICES)[0]["lines"][0]["dimensions"]["nsp::travel"] == {"key": key}


@pytest.mark.parametrize("member", ["", ".key", ".id"])
def test_a_dimension_of_the_company_is_a_column_of_rows_that_are_lines(
    emulator: EmulatorProcess, config: Json, member: str
) -> None:
    (key,) = emulator.hold(UDD, {"name": "Train"})
    names = {"number": "invoiceNumber", "customer": "customer.id", "day": "invoiceDate", "due": "dueDate"}
    parts = {"amount": "txnAmount", "account": "glAccount.id", "travel": f"dimensions.nsp::travel{member}"}
    entry = {
        "stream": STREAM,
        "field_mapping": [{"column": column, "field": field} for column, field in names.items()],
        "lines": {
            "group_by": ["number"],
            "fields": [{"column": column, "field": field} for column, field in parts.items()],
        },
    }
    row = {"number": "I-1", "customer": "CUST-100", "day": "2026-01-05", "due": "2026-02-05"}
    row |= {"amount": "5", "account": "4000", "travel": int(key)}

    outcomes = [write(config, row, **NUMBERED, streams=[entry]).outcomes(STREAM) for _ in range(2)]

    assert outcomes == [{"created": 1}, {"unchanged": 1}]
    assert emulator.records(INVOICES)[0]["lines"][0]["dimensions"]["nsp::travel"] == {"key": key}


@pytest.mark.parametrize("null_values", ["leave", "clear"])
def test_what_is_empty_is_left_away_where_the_object_has_no_such_field(config: Json, null_values: str) -> None:
    empty = {
        "dimensions": {"costType": {"id": None}, "department": {"id": None}, "nsp::other": {"key": ""}},
        "fixedAsset": {"more": {"id": None}},
        "note": None,
        "others": [],
    }
    row = {**document(**empty), "attachment": {"id": None}, "nsp::GONE": {"id": None}}
    pairs = [{"column": name, "field": name.replace("__", ".")} for name in row if name != "nsp::GONE"]
    entry = {"stream": STREAM, "field_mapping": pairs}

    written = write(config | {"null_values": null_values}, row, **NUMBERED, streams=[entry])

    assert (written.outcomes(STREAM), written.rejections) == ({"created": 1}, [])


def test_an_empty_value_clears_the_fields_that_the_object_has(emulator: EmulatorProcess, config: Json) -> None:
    write(config, {"id": "T-1", "name": "Typed", **FIRST}, **BY_ID)
    nulls = {"id": "T-1", **dict.fromkeys(FIELDS)}

    left, cleared, again = (
        write(config | {"null_values": null_values}, nulls, **BY_ID).outcomes(STREAM)
        for null_values in ("leave", "clear", "clear")
    )

    assert (left, cleared, again) == ({"unchanged": 1}, {"updated": 1}, {"unchanged": 1})
    held = customer(emulator)
    assert [name for name in FIELDS if held[name] not in (None, [])] == []


def test_a_sequence_is_sages_own_and_its_column_is_not_sent(config: Json) -> None:
    written = write(config, {"id": "T-1", "name": "Typed", "nsp::SEQUENCE": "Inv-1000"}, **BY_ID)

    assert written.outcomes(STREAM) == {"created": 1}
    assert "nsp::SEQUENCE (read-only in Sage Intacct)" in "\n".join(written.log)


@pytest.mark.parametrize("flag", ["refused", "ignored", "given"])
@pytest.mark.parametrize("model", [(), ("--no-model",)])
@pytest.mark.parametrize("own", ["S-1", "77"])
def test_an_upsert_by_the_id_of_a_custom_object_makes_no_second_record(
    emulator_with: Callable[..., EmulatorProcess],
    config_for: Callable[..., Json],
    flag: str,
    model: tuple[str, ...],
    own: str,
) -> None:
    emulator = emulator_with("--custom-object-id", flag, *model)
    config = config_for(emulator, object_type="Custom object", custom_object_path=SUBSCRIPTIONS) | BY_ID
    (key,) = emulator.hold(SUBSCRIPTIONS, {"name": "Gold"})

    changed, again = (write(config, {"id": key, "name": "Silver"}).outcomes(STREAM) for _ in range(2))
    unknown = [write(config, {"id": own, "name": "Iron"}).outcomes(STREAM) for _ in range(2)]

    assert (changed, again) == ({"updated": 1}, {"unchanged": 1})
    assert unknown == [{"rejected": 1}] * 2
    assert [(each["key"], each["id"], each["name"]) for each in emulator.records(SUBSCRIPTIONS)] == [
        (key, key, "Silver")
    ]


@pytest.mark.parametrize("flag", ["refused", "ignored", "given"])
@pytest.mark.parametrize("model", [(), ("--no-model",)])
def test_a_column_id_is_not_sent_to_a_custom_object_that_is_found_by_another_field(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json], flag: str, model: tuple[str, ...]
) -> None:
    emulator = emulator_with("--custom-object-id", flag, *model)
    emulator.declare_fields(SUBSCRIPTIONS, {"code": text()})
    by_code = {"matching": {"by": "fields", "fields": ["code"]}}
    config = config_for(emulator, object_type="Custom object", custom_object_path=SUBSCRIPTIONS) | by_code

    outcomes = [write(config, {"id": "S-1", "code": "c", "name": name}).outcomes(STREAM) for name in "aab"]

    assert outcomes == [{"created": 1}, {"unchanged": 1}, {"updated": 1}]
    assert [each["name"] for each in emulator.records(SUBSCRIPTIONS)] == ["b"]
