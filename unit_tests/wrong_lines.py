"""Wrong lines, entity columns and deletes: the change, the key that the error names, its whole sentence."""

from typing import Any

from wrong_settings import with_keys

COLUMN_FORM = "the name of a column, exactly as the source spells it"
FIELD_FORM = "a field name without spaces and without empty parts between dots"
AMOUNT = ("amount", "txnAmount")


def lines(*pairs: tuple[str, str], group_by: Any = ("number",), **entry: Any) -> dict[str, Any]:
    """Return the setting `streams` with one stream whose rows are lines, with these (column, field) pairs."""
    fields = [{"column": column, "field": field} for column, field in pairs]
    group = list(group_by) if isinstance(group_by, tuple) else group_by
    return {"streams": [{"stream": "entries", "lines": {"group_by": group, "fields": fields}, **entry}]}


GROUP_BY_MISSING = (
    '`streams[0].lines.group_by` is missing; fill in Group Rows into Documents by, for example `["invoice_number"]`.'
)
FIELDS_MISSING = (
    "`streams[0].lines.fields` is missing; fill in Line Fields, for example "
    '`[{"column": "amount", "field": "txnAmount"}]`.'
)
WRONG = with_keys(
    ({"streams": [{"stream": "a", "lines": ["amount"]}]}, "`streams[0].lines` must be an object; it is a list."),
    (
        {"streams": [{"stream": "a", "lines": {"fields": [{"column": "amount", "field": "txnAmount"}]}}]},
        GROUP_BY_MISSING,
    ),
    ({"streams": [{"stream": "a", "lines": {"group_by": ["number"]}}]}, FIELDS_MISSING),
    ({"lines": {"group_by": ["number"]}}, "`lines` is not a setting; move it to `streams[].lines`."),
    ({"group_by": ["number"]}, "`group_by` is not a setting; move it to `streams[].lines.group_by`."),
    ({"entity_field": "entity"}, "`entity_field` is not a setting; move it to `streams[].entity_field`."),
    (
        {"streams": [{"stream": "a", "entity_id": "100"}]},
        "`streams[0].entity_id` is not a setting; move it to `entity_id`.",
    ),
    (lines(AMOUNT, group_by="number"), "`streams[0].lines.group_by` must be a list of 1 to 5 entries; it is text."),
    (lines(AMOUNT, group_by=()), GROUP_BY_MISSING),
    (
        lines(AMOUNT, group_by=("a", "b", "c", "d", "e", "f")),
        "`streams[0].lines.group_by` must be a list of 1 to 5 entries.",
    ),
    (lines(AMOUNT, group_by=("a", " ")), f"`streams[0].lines.group_by[1]` must be {COLUMN_FORM}."),
    (lines(AMOUNT, group_by=("a", 2)), "`streams[0].lines.group_by[1]` must be text; it is a number."),
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
    (
        lines(("place", "dimensions.location.id"), ("site", "dimensions.location")),
        (
            "`streams[0].lines.fields[1].field` sends column `site` to `dimensions.location`, but column `place` "
            "already fills `dimensions.location.id`; keep one of the two."
        ),
    ),
    (
        lines(("debit", "txnAmount"), ("credit", "txnAmount")),
        (
            "`streams[0].lines.fields[1].field` sends column `credit` to `txnAmount`, but column `debit` already fills "
            "`txnAmount`; keep one of the two. If one holds debits and the other credits: a line has one amount, and "
            "`txnType` says `debit` or `credit`. Make these two columns in the warehouse, for example `COALESCE(debit, "
            "credit)` and `CASE WHEN debit IS NULL THEN 'credit' ELSE 'debit' END`."
        ),
    ),
    (
        lines(AMOUNT, field_mapping=[{"column": "day", "field": "postingDate"}, {"column": "all", "field": "lines"}]),
        (
            "`streams[0].field_mapping[1].field` sends column `all` to `lines`, but `streams[0].lines` makes the lines "
            "of a document from its rows; keep one of the two."
        ),
    ),
    (
        lines(AMOUNT, object_type="Vendor"),
        "`streams[0].lines` is for invoices, bills and journal entries; remove it: `Vendor` has no lines.",
    ),
    (
        {"object_type": "GL Account", **lines(AMOUNT)},
        "`streams[0].lines` is for invoices, bills and journal entries; remove it: `GL Account` has no lines.",
    ),
    (
        {
            "object_type": "Bill",
            "streams": [*lines(AMOUNT, namespace="eu")["streams"], {"stream": "entries", "object_type": "Contact"}],
        },
        "`streams[0].lines` is for invoices, bills and journal entries; remove it: `Contact` has no lines.",
    ),
    ({"streams": [{"stream": "a", "entity_field": 100}]}, "`streams[0].entity_field` must be text; it is a number."),
    ({"lines_on_update": "merge"}, "`lines_on_update` must be `replace` or `ignore`."),
    (
        {"on_source_delete": "deactivat"},
        "`on_source_delete` must be `ignore`, `deactivate` or `delete`; did you mean `deactivate`?",
    ),
    ({"on_source_delete": True}, "`on_source_delete` must be text; it is true or false."),
    (
        {"streams": [{"stream": "a", "on_source_delete": "delete"}]},
        "`streams[0].on_source_delete` is not a setting; move it to `on_source_delete`.",
    ),
)
