import pytest

from destination_sage_intacct.config import ConfigError, FieldMapping, Lines, StreamSettings
from destination_sage_intacct.plan.columns import check_columns, missing_columns, named_columns
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.messages import StreamKey

KEY = StreamKey("public", "entries")
NAMED = {"Company": "entity_field", "number": "lines.group_by", "amount": "lines.fields", "text": "field_mapping"}
COLUMNS = tuple(NAMED)
GOOD = StreamSettings(
    "entries",
    entity_field="Company",
    lines=Lines(("number",), (FieldMapping("amount", "txnAmount"),)),
    field_mapping=(FieldMapping("text", "description"), FieldMapping("number", "referenceNumber")),
)


def stream(columns=COLUMNS):
    return ConfiguredStream(KEY, "append", columns)


def lines(group_by="number", column="amount"):
    return Lines((group_by,), (FieldMapping(column, "txnAmount"),))


def test_columns_that_the_stream_has_are_taken():
    check_columns(stream(), GOOD)
    check_columns(stream(columns=()), GOOD)  # a catalog without columns proves nothing
    # A column of Airbyte's own may come without standing in the catalog.
    check_columns(stream(), StreamSettings("entries", field_mapping=(FieldMapping("_ab_cdc_updated_at", "x"),)))
    assert list(missing_columns(KEY, NAMED, [*COLUMNS, "more"])) == []


@pytest.mark.parametrize(
    ("setting", "chosen", "column", "meant"),
    [
        ("entity_field", "company", "company", "Did you mean `Company`? "),
        ("entity_field", "subsidiary", "subsidiary", ""),
        ("lines.group_by", lines(group_by="numbre"), "numbre", "Did you mean `number`? "),
        ("lines.fields", lines(column="amont"), "amont", "Did you mean `amount`? "),
        ("field_mapping", (FieldMapping("txt", "description"),), "txt", "Did you mean `text`? "),
        ("field_mapping", (FieldMapping("text.a", "x"),), "text.a", "Did you mean `text`? "),
    ],
)
def test_a_column_that_the_stream_does_not_have_is_refused_with_the_nearest(setting, chosen, column, meant):
    with pytest.raises(ConfigError) as caught:
        check_columns(stream(), StreamSettings("entries", **{setting.partition(".")[0]: chosen}))
    assert str(caught.value) == (
        f"Stream public.entries: `{setting}` names the column `{column}`, which the stream does not have. {meant}"
        "Correct the name, upper and lower case included; if the source has such a column, refresh the schema of the "
        "connection and select it."
    )
    assert caught.value.key == "streams"


def test_of_several_settings_that_name_a_column_the_weightiest_is_told():
    both = StreamSettings("entries", entity_field="number", lines=lines(), field_mapping=GOOD.field_mapping)
    assert named_columns(both)["number"] == "entity_field"


@pytest.mark.parametrize(
    ("column", "row", "effect"),
    [
        ("Company", ["Compny"], "Did you mean `Compny`? A row without the column is written in the configured entity."),
        ("number", ["amount"], "A row without the column is rejected."),
        ("amount", ["Company"], "A row without the column makes a line without the field."),
        ("text", ["Company"], "A row without the column leaves the field as it is."),
    ],
)
def test_a_column_that_a_first_row_lacks_is_told_with_what_that_does(column, row, effect):
    (warning,) = missing_columns(KEY, {column: NAMED[column]}, row)
    assert warning == (
        f"Stream public.entries: `{NAMED[column]}` names the column `{column}`, which its first row does not have. "
        f"{effect}"
    )


def test_a_column_that_rows_have_in_another_case_is_refused():
    with pytest.raises(ConfigError) as caught:
        list(missing_columns(KEY, {"company": "entity_field"}, ["COMPANY"]))
    assert str(caught.value) == (
        "Stream public.entries: `entity_field` names the column `company`, but its rows have `COMPANY`. Correct the "
        "name: upper and lower case count."
    )
