"""Wrong ways of matching: the change, the key that the error names, its whole sentence."""

from typing import Any

from wrong_settings import FIELD_FORM, with_keys

WAYS = "`record_key` or `fields`"
LIST = "`matching.fields` must be a list of 1 to 5 entries"
FIELDS_MISSING = '`matching.fields` is missing; fill in Natural Key Fields, for example `["id"]`.'
BY_KEY = (
    "`matching.fields[0]` is `key`, the number that Sage Intacct gives a record; remove it, or match by it with "
    "`matching.by` set to `record_key` and `matching.field` to `key`."
)


def by_fields(*names: Any) -> dict[str, Any]:
    """Return the setting `matching` with a natural key of these fields."""
    return {"matching": {"by": "fields", "fields": list(names)}}


WRONG = with_keys(
    ({"matching": "id"}, "`matching` must be an object; it is text."),
    ({"matching": {"field": "id"}}, f"`matching.by` is missing; set it to {WAYS}."),
    ({"matching": {"by": "field", "fields": ["id"]}}, f"`matching.by` must be {WAYS}; did you mean `fields`?"),
    ({"matching": {"by": "record_key", "field": "a..b"}}, f"`matching.field` must be {FIELD_FORM}."),
    ({"matching": {"by": "fields"}}, FIELDS_MISSING),
    ({"matching": {"by": "fields", "fields": "id"}}, f"{LIST}; it is text."),
    (by_fields(), FIELDS_MISSING),
    (by_fields(*"abcdef"), f"{LIST}."),
    (by_fields("name", ""), f"`matching.fields[1]` must be {FIELD_FORM}."),
    *((by_fields(name), f"`matching.fields[0]` must be {FIELD_FORM}.") for name in ("customer..id", "invoice number")),
    (by_fields("id", 7), "`matching.fields[1]` must be text; it is a number."),
    (by_fields("id", "name", "id"), "`matching.fields[2]` is `id`, as is `matching.fields[0]`; remove one of the two."),
    (by_fields("key"), BY_KEY),
)
