import pytest
from fakes import make_config

from destination_sage_intacct.config import ConfigError, FieldMapping, Lines, MatchByFields, StreamSettings
from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.plan.build import plan_stream, target_of
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.messages import StreamKey

PATH = "accounts-payable/bill"
STRING = Field("string")
FIELDS = {
    "id": STRING,
    "name": STRING,
    "creditLimit": STRING,
    "totalDue": Field("string", read_only=True),
    "contacts": Field("group"),
    "contacts.email1": STRING,
    "entity": Field("ref", read_only=True),
    "entity.id": STRING,
    "lines": Field("list", target="bill-line"),
}
MODEL = Model(PATH, FIELDS)
LINE_MODEL = Model("bill-line", {"txnAmount": STRING, "baseAmount": Field("string", read_only=True)})
OF_BILLS = "Sage Intacct's object accounts-payable/bill has no such field"
CUSTOM = "Correct the field's name, or leave the field out; a custom field is named `nsp::NAME`."
SETS_ITSELF = "Sage Intacct sets this field of {} itself. Do not map a column to it."


def plan(field="name", model=MODEL, line_field="txnAmount", **settings):
    lines = Lines(("no",), (FieldMapping("amount", line_field),))
    pairs = (FieldMapping("no", "id"), FieldMapping("text", field))
    config = make_config(
        object_type="Bill", streams=(StreamSettings("rows", lines=lines, field_mapping=pairs),), **settings
    )
    stream = ConfiguredStream(StreamKey(None, "rows"), "append_dedup", ("no", "text", "amount"))
    return plan_stream(target_of(stream, config), config, model, {"bill-line": LINE_MODEL})


def refusal(*given, **settings):
    with pytest.raises(ConfigError) as caught:
        plan(*given, **settings)
    return str(caught.value)


@pytest.mark.parametrize(
    ("field", "why"),
    [
        ("creditLimt", f"{OF_BILLS}. Did you mean `creditLimit`? {CUSTOM}"),
        ("contacts.emial1", f"{OF_BILLS}. Did you mean `contacts.email1`? {CUSTOM}"),
        ("zzz", f"{OF_BILLS}. {CUSTOM}"),
        ("totalDue", SETS_ITSELF.format(PATH)),
        ("entity.id", SETS_ITSELF.format(PATH)),
    ],
)
@pytest.mark.parametrize("matching", [{}, {"matching": MatchByFields(("id",))}])
def test_a_column_that_no_row_could_deliver_is_refused_before_the_first_row(field, why, matching):
    text = f"Stream rows: column `text` goes to `{field}`, and no row could deliver it: {why} Nothing was written."
    assert refusal(field, **matching) == text


@pytest.mark.parametrize(
    ("field", "why"),
    [
        ("txnAmont", f"Sage Intacct's object bill-line has no such field. Did you mean `txnAmount`? {CUSTOM}"),
        ("baseAmount", SETS_ITSELF.format("bill-line")),
    ],
)
def test_nor_is_a_column_that_no_line_could_deliver_taken(field, why):
    assert refusal(line_field=field) == (
        f"Stream rows: column `amount` goes to `{field}` of a line, and no row could deliver it: {why} Nothing was "
        "written."
    )


@pytest.mark.parametrize("line_field", ["txnAmount", "ia::operation"])
def test_fields_of_a_line_and_what_names_a_line_are_taken(line_field):
    assert plan(line_field=line_field).lines.mapping.targets == {"amount": ((line_field,),)}


@pytest.mark.parametrize("field", ["name", "contacts", "contacts.email1", "name.part"])
def test_a_field_that_may_be_delivered_is_taken(field):
    assert plan(field).mapping.fills(field)
    for doubt in ("is_open", "is_partial"):  # where not all fields are known, an unknown one is left to the server
        assert plan("nsp::REGION", Model(PATH, FIELDS, **{doubt: True})).mapping.fills("nsp::REGION")


def test_also_of_a_field_to_match_by_the_nearest_is_named():
    nearest = "Stream rows: records cannot be found by `nam`: Bill has no such field. Did you mean `name`?"
    assert refusal(matching=MatchByFields(("nam",))) == nearest
