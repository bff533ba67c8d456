"""What the warehouse sent is what reaches the request's body, digit by digit."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream
from connector_process import run
from emulator_process import EmulatorProcess

NUMBERS = (
    "12345678901234567.89",
    "0.1",
    "123456789012345678901234567890",
    "1234567890123456789012345678901234567890",
    "100.00",
    "-0.005",
    "0.1234567890123456789",
    "9007199254740993",
)


def raw_record(data: str) -> bytes:
    return b'{"type":"RECORD","record":{"stream":"customers","emitted_at":1,"data":%s}}\n' % data.encode()


def number_row(index: int, number: str) -> str:
    return f'{{"creditLimit":{number},"id":"N-{index}","name":"Number"}}'


def mapping(columns: dict[str, list[str]]) -> list[dict[str, str]]:
    return [{"column": column, "field": field} for column, fields in columns.items() for field in fields]


def bodies(emulator: EmulatorProcess) -> list[str]:
    return [
        each["body"]
        for each in emulator.requests()
        if each["method"] == "POST" and each["path"].endswith("/objects/accounts-receivable/customer")
    ]


@pytest.mark.parametrize("flags", [(), ("--no-model",)])
def test_numbers_reach_the_body_with_the_same_digits(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Any], flags: tuple[str, ...]
) -> None:
    emulator = emulator_with(*flags)
    lines = [raw_record(number_row(index, number)) for index, number in enumerate(NUMBERS)]

    finished = run("write", config_for(emulator), catalog(configured_stream("customers")), lines)

    assert finished.outcomes("customers") == {"created": len(NUMBERS)}
    rows = ",".join(number_row(index, number) for index, number in enumerate(NUMBERS))
    assert bodies(emulator) == [f"[{rows}]"]
    held = {each["id"]: each["creditLimit"] for each in emulator.records("accounts-receivable/customer")}
    assert [held[f"N-{index}"] for index in range(len(NUMBERS))] == [Decimal(number) for number in NUMBERS]


def test_texts_reach_the_record_unchanged(emulator: EmulatorProcess, config_for: Callable[..., Any]) -> None:
    texts = [
        "Ünïcödé ☃ 𝄞",
        'quote " backslash \\ slash /',
        "tab\tnewline\n",
        "<&>'",
        " blanks ",
        "12.30",
        "1e5",
        "null",
    ]
    rows = [raw_record(json.dumps({"id": f"T-{n}", "name": "Text", "notes": text})) for n, text in enumerate(texts)]

    finished = run("write", config_for(emulator), catalog(configured_stream("customers")), rows)

    assert finished.outcomes("customers") == {"created": len(texts)}
    held = {each["id"]: each["notes"] for each in emulator.records("accounts-receivable/customer")}
    assert [held[f"T-{n}"] for n in range(len(texts))] == texts


def test_columns_become_nested_fields_and_unknown_ones_are_named_once(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    row = {
        "ID": "M-1",
        "Name": "Mapped",
        "displayContact.email1": "one@example.com",
        "displayContact__mailingAddress__zip": "95119",
        "contacts__default__mailingAddress__city": "Reno",
        "status": None,
        "totalDue": 5,
        "no_such_field": "x",
        "_airbyte_raw_id": "y",
        "_ab_cdc_lsn": 1,
    }
    rows = [raw_record(json.dumps(row | more)) for more in ({}, {"ID": "M-2", "unannounced": 1}, {"ID": "M-3"})]

    finished = run("write", config_for(emulator), catalog(configured_stream("customers", columns=row)), rows)

    assert finished.outcomes("customers") == {"created": 3}
    first, later = [line for line in finished.log if "not sent" in line]
    assert first == (
        "Columns of stream customers that are not sent: no_such_field (no such field), totalDue (read-only in Sage "
        "Intacct)."
    )
    assert later == "Columns of stream customers that are not sent: unannounced (no such field)."
    assert json.loads(bodies(emulator)[0])[0] == {
        "id": "M-1",
        "name": "Mapped",
        "contacts": {"default": {"email1": "one@example.com", "mailingAddress": {"postCode": "95119", "city": "Reno"}}},
    }


def test_several_streams_go_to_several_objects_with_their_own_mappings(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    suppliers = {
        "supplier_no": ["id"],
        "title": ["name", "contacts.default.companyName"],
        "mail": ["displayContact.email1"],
    }
    subscription = {
        "stream": "subscriptions",
        "object_type": "Custom object",
        "custom_object_path": "platform-apps/nsp::subscription",
        "operation": "insert",
        "field_mapping": mapping({"name": ["name"], "seats": ["seats"], "days": ["nsp::DAYS"]}),
    }
    vendors = {"stream": "suppliers", "object_type": "Vendor", "field_mapping": mapping(suppliers)}
    number = {"type": "number"}
    emulator.declare_fields("platform-apps/nsp::subscription", {"seats": number, "nsp::DAYS": {"type": "integer"}})
    config = config_for(emulator, streams=[vendors, subscription])
    stream = b'{"type":"RECORD","record":{"stream":"%s","emitted_at":1,"data":%s}}\n'
    lines = [
        raw_record('{"id":"S-1","name":"A customer"}'),
        stream % (b"suppliers", b'{"supplier_no":"V-77","title":"A vendor","mail":"v@example.com","more":1}'),
        stream % (b"subscriptions", b'{"name":"Gold","seats":12.50,"days":30}'),
    ]
    names = ("customers", "suppliers", "subscriptions")

    finished = run("write", config, catalog(*(configured_stream(name) for name in names)), lines)

    assert [finished.outcomes(name) for name in names] == [{"created": 1}] * 3
    assert "S-1" in {each["id"] for each in emulator.records("accounts-receivable/customer")}
    (vendor,) = [each for each in emulator.records("accounts-payable/vendor") if each["id"] == "V-77"]
    assert vendor["name"] == vendor["contacts"]["default"]["companyName"] == "A vendor"
    assert vendor["contacts"]["default"]["email1"] == "v@example.com"
    (record,) = emulator.records("platform-apps/nsp::subscription")
    assert (record["name"], record["seats"], record["nsp::DAYS"]) == ("Gold", Decimal("12.50"), 30)


@pytest.mark.parametrize(("null_values", "expected"), [("leave", "kept"), ("clear", None)])
def test_a_null_is_left_out_or_clears_as_configured(
    emulator: EmulatorProcess, config_for: Callable[..., Any], null_values: str, expected: str | None
) -> None:
    streams = catalog(configured_stream("customers"))
    run("write", config_for(emulator), streams, [raw_record('{"id":"Z-1","name":"Null","notes":"kept"}')])
    (old,) = [each for each in emulator.records("accounts-receivable/customer") if each["id"] == "Z-1"]

    config = config_for(emulator, null_values=null_values)
    finished = run("write", config, streams, [raw_record(f'{{"key":"{old["key"]}","name":"New","notes":null}}')])

    assert finished.outcomes("customers") == {"updated": 1}
    (customer,) = [each for each in emulator.records("accounts-receivable/customer") if each["id"] == "Z-1"]
    assert (customer["name"], customer["notes"]) == ("New", expected)
