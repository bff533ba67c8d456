"""Wrong lines, entity columns and deletes: the change, the key that the error names, its whole sentence."""

from typing import Any

from wrong_settings import COLUMN_FORM, FIELD_FORM, moved, stream, with_keys

AMOUNT = ("amount", "txnAmount")


def lines(*pairs: tuple[str, str], group_by: tuple[str, ...] = ("number",), **entry: Any) -> dict[str, Any]:
    """Return the setting `streams` with one stream whose rows are lines, with these (column, field) pairs."""
    fields = [{"column": column, "field": field} for column, field in pairs]
    return stream(lines={"group_by": list(group_by), "fields": fields}, **entry)


GROUP_BY_MISSING = (
    '`streams[0].lines.group_by` is missing; fill in Group Rows into Documents by, for example `["invoice_number"]`.'
)
FIELDS_MISSING = (
    "`streams[0].lines.fields` is missing; fill in Line Fields, for example "
    '`[{"column": "amount", "field": "txnAmount"}]`.'
)
NO_LINES = "`streams[0].lines` is for invoices, bills and journal entries; remove it: `{}` has no lines."
TWO_SIDES = (
    "`streams[0].lines.fields[1].field` sends column `credit` to `txnAmount`, but column `debit` already fills "
    "`txnAmount`; keep one of the two. If one holds debits and the other credits: a line has one amount, and "
    "`txnType` says `debit` or `credit`. Make these two columns in the warehouse, for example `COALESCE(debit, "
    "credit)` and `CASE WHEN debit IS NULL THEN 'credit' ELSE 'debit' END`."
)
MAPPED_LINES = (
    "`streams[0].field_mapping[1].field` sends column `all` to `lines`, but `streams[0].lines` makes the lines "
    "of a document from its rows; keep one of the two."
)
PART_OF_ANOTHER = (
    "`streams[0].lines.fields[1].field` sends column `site` to `dimensions.location`, but column `place` "
    "already fills `dimensions.location.id`; keep one of the two."
)
OF_TWO_OBJECTS = {
    "object_type": "Bill",
    "streams": [*lines(AMOUNT, namespace="eu")["streams"], {"stream": "a", "object_type": "Contact"}],
}
DELETES = "`on_source_delete` must be `ignore`, `deactivate` or `delete`; did you mean `deactivate`?"
WRONG = with_keys(
    (stream(lines={"fields": [{"column": "amount", "field": "txnAmount"}]}), GROUP_BY_MISSING),
    (stream(lines={"group_by": ["number"]}), FIELDS_MISSING),
    ({"lines": {"group_by": ["number"]}}, moved("lines", "streams[].lines")),
    (stream(entity_id="100"), moved("streams[0].entity_id", "entity_id")),
    (lines(AMOUNT, group_by=()), GROUP_BY_MISSING),
    (lines(AMOUNT, group_by=("a", " ")), f"`streams[0].lines.group_by[1]` must be {COLUMN_FORM}."),
    (
        lines(AMOUNT, group_by=("a", "b", "a")),
        "`streams[0].lines.group_by[2]` is `a`, as is `streams[0].lines.group_by[0]`; remove one of the two.",
    ),
    (lines(), FIELDS_MISSING),
    (lines(("amount", "txn amount")), f"`streams[0].lines.fields[0].field` must be {FIELD_FORM}."),
    (
        lines(("amount", "lines.txnAmount")),
        "`streams[0].lines.fields[0].field` is about a line already; write `txnAmount`.",
    ),
    (lines(("place", "dimensions.location.id"), ("site", "dimensions.location")), PART_OF_ANOTHER),
    (lines(("debit", "txnAmount"), ("credit", "txnAmount")), TWO_SIDES),
    (
        lines(AMOUNT, field_mapping=[{"column": "day", "field": "postingDate"}, {"column": "all", "field": "lines"}]),
        MAPPED_LINES,
    ),
    (lines(AMOUNT, object_type="Vendor"), NO_LINES.format("Vendor")),
    ({"object_type": "GL Account", **lines(AMOUNT)}, NO_LINES.format("GL Account")),
    (OF_TWO_OBJECTS, NO_LINES.format("Contact")),
    ({"on_source_delete": "deactivat"}, DELETES),
    ({"on_source_delete": True}, "`on_source_delete` must be text; it is true or false."),
    (stream(on_source_delete="delete"), moved("streams[0].on_source_delete", "on_source_delete")),
)
