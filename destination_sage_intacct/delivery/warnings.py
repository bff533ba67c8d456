"""What is logged once about a stream, because a person may have meant something else."""

from collections.abc import Iterable, Iterator

from destination_sage_intacct.plan.columns import did_you_mean
from destination_sage_intacct.plan.stream_plan import LINES, OTHER_MARKS, StreamPlan
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.protocol.output import counted
from destination_sage_intacct.rows.suggestions import nearest


def stream_warnings(plan: StreamPlan) -> Iterator[str]:
    """Yield the warnings about a stream before its first row."""
    if plan.refusal:
        yield (
            f"Stream {plan.stream} is set to replace or clear what was written; the records in Sage Intacct stay as "
            "they are. If the stream sends a row, the sync ends."
        )
    unsent = plan.mapping.unsent_text()
    if unsent:
        yield unsent_warning(plan.stream, unsent)
    yield from record_key_warnings(plan)
    if plan.operation in {"insert", "upsert"} and plan.mapping.covered:
        yield from _unfilled(plan)
    unseen = [column for column in plan.mapping.decided if column.casefold() in OTHER_MARKS]
    if plan.on_source_delete != "ignore" and unseen and unseen[0] not in plan.deletion_columns:
        yield _deletes_unseen(plan, unseen[0])
    if plan.operation in {"insert", "upsert"} and not plan.natural_key and not _distinguishes_new_rows(plan):
        yield _no_primary_key(plan)


def record_key_warnings(plan: StreamPlan) -> Iterator[str]:
    """Yield the warning about a record key that does not do what a person may expect, once columns are known."""
    if plan.operation == "upsert" and plan.lacks_record_key:
        yield _never_updates(plan)
    if plan.operation == "insert" and plan.mapping.key_column is not None and _is_writable(plan):
        yield _not_written(plan)


def kept_record_warnings(inserting: Iterable[ConfiguredStream]) -> Iterator[str]:
    """Yield the warning about streams that only add, where Airbyte wants what they wrote before to be removed.

    PyAirbyte requests that in every sync, whatever its user wants, so nothing is ever deleted for it.
    """
    named = ", ".join(str(stream.key) for stream in inserting if stream.replaces_earlier)
    if named:
        yield (
            "Airbyte asks to replace what earlier syncs wrote; this connector deletes nothing for that. Records that "
            f"earlier syncs created stay, and the rows of this one are added to them: {named}. To change records "
            "instead of adding them, choose a mode that finds them, such as Append + Deduped or Upsert."
        )


def keyless_warning(plan: StreamPlan, rows: int) -> str:
    """Write the warning about rows that were to update or create, and created because they named no record."""
    return (
        f"Stream {plan.stream}: {counted(rows, 'row')} had no record key in `{plan.mapping.key_field}`, and each "
        "created a record. If the records may be there already, find them by other fields: set `matching` to "
        '{"by": "fields", "fields": [...]}.'
    )


def unsent_warning(stream: StreamKey, columns: str) -> str:
    """Write the warning about columns that go nowhere."""
    return f"Columns of stream {stream} that are not sent: {columns}."


def _unfilled(plan: StreamPlan) -> Iterator[str]:
    """Yield a warning for each field that a new record must have and that no column fills."""
    made_of_rows = {LINES} if plan.lines else set()
    for name in plan.object.required:
        if name in made_of_rows or plan.mapping.fills(name):
            continue
        near = nearest(name, tuple(plan.mapping.unsent))
        yield (
            f"Stream {plan.stream}: no column goes to `{name}`, which a new {plan.object.label} must have, so rows "
            f"that would create one are rejected. {did_you_mean(near)}Name a column after the field, or map one to it."
        )


def _deletes_unseen(plan: StreamPlan, column: str) -> str:
    return (
        f"Stream {plan.stream}: rows that `{column}` marks as deleted are written like all others. To have "
        f"`on_source_delete` apply to them, set `source_delete_column` to `{column}`."
    )


def _is_writable(plan: StreamPlan) -> bool:
    """Return whether the field that holds the record key is one of the object that rows could fill."""
    found = plan.model.fields.get(plan.mapping.key_field)
    return plan.mapping.key_field != "key" and (plan.model.is_open if found is None else not found.read_only)


def _never_updates(plan: StreamPlan) -> str:
    return (
        f"Stream {plan.stream}: no column goes to `{plan.mapping.key_field}`, the record key that finds records, so "
        "every row will create a record; none is updated. Map or name a column that holds the record key, or find "
        'records by other fields: set `matching` to {"by": "fields", "fields": [...]}.'
    )


def _not_written(plan: StreamPlan) -> str:
    field = plan.mapping.key_field
    return (
        f"Stream {plan.stream}: column `{plan.mapping.key_column}` is taken as the record key and is not written, "
        f"since an insert sends none. To write it as the `{field}` of the new record, set `matching` to "
        f'{{"by": "fields", "fields": ["{field}"]}}.'
    )


def _distinguishes_new_rows(plan: StreamPlan) -> bool:
    """Return whether rows have a primary key; a form makes one of the matching key, and new rows have no record key."""
    return plan.primary_key not in ({(), ((plan.mapping.key_field,),)} if plan.is_activated else {()})


def _no_primary_key(plan: StreamPlan) -> str:
    text = f"Stream {plan.stream} has no primary key, so rows that are equal"
    if plan.is_activated:
        text = f"New rows of stream {plan.stream} have no key of their own, so those that are equal"
    text += " in every value cannot be distinguished after "
    if plan.sync_id is None:
        text += "a crash, nor from those of another sync within 48 hours: they would count as already created"
    else:
        text += "a crash: one that comes again may count as already created"
    if plan.is_activated:
        return f"{text}. If that may happen, map a column that differs in every row, or upsert by a key of fields."
    return f"{text}. Give the stream a primary key in the connection."
