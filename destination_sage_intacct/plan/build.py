"""Configured stream + configuration -> StreamPlan: object, operation, matching, mapping, lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from destination_sage_intacct.config import (
    Config,
    ConfigError,
    MatchByFields,
    MatchByRecordKey,
    Matching,
    StreamSettings,
)
from destination_sage_intacct.intacct.model import OPEN_MODEL, Model
from destination_sage_intacct.intacct.objects import CUSTOM_OBJECT, OBJECT_TYPES, ObjectType, object_at, resolve_alias
from destination_sage_intacct.plan.activation import REFRESH_FIELDS, activated, chosen_object, is_record_key
from destination_sage_intacct.plan.columns import check_columns, named_columns
from destination_sage_intacct.plan.fields import check_mapped_fields, check_source_deletes, natural_key_fields
from destination_sage_intacct.plan.stream_plan import LINES, LinePlan, Operation, StreamPlan, deletion_columns
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.rows.conversion import converter
from destination_sage_intacct.rows.mapping import ColumnMapping, MappingError, map_columns, map_exactly, map_fields
from destination_sage_intacct.rows.validation import Validation, compile_validation

_REPLACING = ("overwrite", "overwrite_dedup")
# What `operation: auto` makes of the mode chosen in the connection.
_BY_SYNC_MODE: Mapping[str, Operation] = {
    "append": "insert",
    "append_dedup": "upsert",
    "update": "update",
    "soft_delete": "deactivate",
}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a stream goes and how, before the object's fields are known."""

    stream: ConfiguredStream
    settings: StreamSettings
    object: ObjectType
    operation: Operation


@dataclass(frozen=True, slots=True)
class ConfiguredUse:
    """What the configuration does with an object; `where` begins the text of an error about it."""

    where: str
    object: ObjectType
    matching: Matching


def configured_objects(config: Config) -> tuple[ObjectType, ...]:
    """Return every object that the configuration names, each once; for check, which has no catalog."""
    named = [(config.object_type, config.custom_object_path)]
    named += [(entry.object_type, entry.custom_object_path) for entry in config.streams]
    objects = (_object(label, path) for label, path in named if label is not None)
    return tuple({each.path: each for each in objects}.values())


def configured_uses(config: Config) -> tuple[ConfiguredUse, ...]:
    """Return what is certain to be done according to the configuration.

    The settings of the whole configuration count where there are no others: with entries in `streams`, every stream
    may have its own.
    """
    named = {f"Stream {StreamKey(entry.namespace, entry.stream)}: ": entry for entry in config.streams}
    settings = {where: config.settings_for(entry.namespace, entry.stream) for where, entry in named.items()}
    settings = settings or {"": config.settings_for(None, "")}
    return tuple(
        ConfiguredUse(where, chosen, _matching(chosen, each.matching or config.matching))
        for where, each in settings.items()
        if each.object_type is not None and (chosen := _object(each.object_type, each.custom_object_path))
    )


def target_of(stream: ConfiguredStream, config: Config) -> Target:
    """Decide on object and operation of a stream.

    Raises:
        ConfigError: no object is set for the stream, a setting names a column that it does not have, or the mode is
            not known.
    """
    settings = config.settings_for(stream.key.namespace, stream.key.name)
    if stream.object_name:
        chosen, settings = chosen_object(stream), activated(stream, settings)
        check_columns(stream, settings)
        return Target(stream, settings, chosen, _operation(stream, settings, chosen))
    if settings.object_type is None:
        raise ConfigError(
            f"No object is set for stream {stream.key}: set `object_type`, or give the stream its own in `streams`.",
            key="object_type",
        )
    check_columns(stream, settings)
    chosen = _object(settings.object_type, settings.custom_object_path)
    settings = replace(settings, matching=_matching(chosen, settings.matching or config.matching))
    return Target(stream, settings, chosen, _operation(stream, settings, chosen))


Validations = dict[tuple[str, str, frozenset[str]], Validation]
"""What was compiled for an object, an operation and the objects of its lists: many streams may go to one object."""


def plan_stream(
    target: Target,
    config: Config,
    model: Model,
    line_models: Mapping[str, Model] | None = None,
    validations: Validations | None = None,
) -> StreamPlan:
    """Finish the plan of a stream with its object's model, and those of the records in its lists by their paths.

    `validations` are used, and added to, where each object has just one model.

    Raises:
        ConfigError: the stream's columns cannot be mapped as configured.
    """
    settings, model = target.settings, model.by_itself()
    where = f"Stream {target.stream.key}: "
    line_models = line_models or {}
    keep_nulls = config.null_values == "clear"
    lines = _line_plan(target, model, line_models)
    marks = deletion_columns(target.stream.columns, config.source_delete_column)
    has_marks = any(column in marks for column in target.stream.columns)
    mapping = _mapping(target, model, lines, marks)
    if not target.stream.object_name or has_marks:
        check_source_deletes(where, target.object, config.on_source_delete)
    plan = StreamPlan(
        stream=target.stream.key,
        object=target.object,
        operation=target.operation,
        mapping=mapping,
        model=model,
        natural_key=natural_key_fields(where, settings.matching or config.matching, target.object, model),
        primary_key=target.stream.primary_key,
        sync_id=target.stream.sync_id,
        scope=(
            config.company_id,
            config.entity_id,
            target.object.path,
            target.stream.key.namespace or "",
            target.stream.key.name,
        ),
        keep_nulls=keep_nulls,
        skip_unchanged=config.skip_unchanged,
        resend_after_48_hours=config.resend_after_48_hours,
        convert=partial(
            converter, model=model, lines=line_models, keep_nulls=keep_nulls, aliases=target.object.aliases
        ),
        validate=_validation(target, model, line_models, {} if validations is None else validations),
        create_only=frozenset(
            {name for name, each in model.fields.items() if each.create_only} | set(target.object.create_only)
        ),
        lines=lines,
        line_models=line_models,
        lines_on_update=config.lines_on_update,
        on_source_delete=config.on_source_delete,
        deletion_columns=marks,
        reactivates=config.reactivate_returned_rows,
        entity_field=settings.entity_field or "",
        cursor=target.stream.cursor if _keeps_newest(target) and lines is None else (),
        unproved_columns={} if target.stream.columns else named_columns(settings),
        is_activated=bool(target.stream.object_name),
        refusal=_refusal(target.stream, settings),
    ).with_mapping(mapping)
    _check_record_key(plan, target.stream.columns)
    return plan


def _validation(target: Target, model: Model, line_models: Mapping[str, Model], validations: Validations) -> Validation:
    key = (target.object.path, target.operation, frozenset(line_models))
    if key not in validations:
        validations[key] = compile_validation(target.object, model, target.operation, line_models)
    return validations[key]


def _object(label: str, custom_path: str | None) -> ObjectType:
    if label == CUSTOM_OBJECT and custom_path is not None:
        return object_at(custom_path)
    return OBJECT_TYPES[label]


def _matching(chosen: ObjectType, matching: Matching) -> Matching:
    """Return how records are found: by `id` means by record key where both are the same."""
    if isinstance(matching, MatchByFields) and is_record_key(chosen, matching.fields):
        return MatchByRecordKey(matching.fields[0])
    return matching


def _operation(stream: ConfiguredStream, settings: StreamSettings, chosen: ObjectType) -> Operation:
    if settings.operation is not None and settings.operation != "auto":
        return settings.operation
    if stream.sync_mode in _REPLACING:
        return "insert"  # which no row reaches: see `_refusal`
    operation = _BY_SYNC_MODE.get(stream.sync_mode)
    if operation is None:
        raise ConfigError(_not_honoured(stream, "which this connector does not know"), key="operation")
    if operation == "deactivate" and not chosen.has_status:
        raise ConfigError(
            f"Stream {stream.key} is set to soft delete, but {chosen.label} has no status that could be set to "
            "inactive. Choose another mode in the connection.",
            key="operation",
        )
    return operation


def _keeps_newest(target: Target) -> bool:
    """Return whether the mode means the newest version of each record (Airbyte docs, "Append + Deduped")."""
    return target.stream.sync_mode in {"append_dedup", "overwrite_dedup"} and target.operation != "insert"


def _refusal(stream: ConfiguredStream, settings: StreamSettings) -> str:
    """Return why no row of a stream can be written; Airbyte's "clear data" uses such a mode and sends no rows."""
    if stream.sync_mode not in _REPLACING or settings.operation not in {None, "auto"}:
        return ""
    return _not_honoured(stream, "which would replace what Sage Intacct holds; this connector never does that")


def _not_honoured(stream: ConfiguredStream, why: str) -> str:
    instead = "Append or Append + Deduped in the connection, or set `operation` for the stream"
    if stream.object_name:
        instead = "another insertion method for the stream in the connection"
    return f"Stream {stream.key} has the sync mode `{stream.sync_mode}`, {why}. Choose {instead}."


def _mapping(target: Target, model: Model, lines: LinePlan | None, marks: Sequence[str]) -> ColumnMapping:
    settings = target.settings
    key_field = settings.matching.field if isinstance(settings.matching, MatchByRecordKey) else ""
    elsewhere = {*(lines.mapping.targets if lines else ()), settings.entity_field, *marks}

    def alias(path: str) -> str:
        return resolve_alias(target.object.aliases, path) or path

    taken = {LINES: "the lines are made from the rows, as `lines` of the stream says"} if lines else {}
    if target.object.is_custom and key_field.casefold() != "id":
        taken["id"] = "the record key, which Sage Intacct gives to a record of a custom object"
    try:
        if target.stream.object_name:
            mapping = map_exactly(target.stream.columns, key_field, elsewhere, taken)
            check_mapped_fields(f"Stream {target.stream.key}: ", mapping, model, advice=REFRESH_FIELDS)
            return mapping
        if settings.field_mapping:
            pairs = [(entry.column, entry.field) for entry in settings.field_mapping]
            mapping = map_fields(pairs, key_field, model, alias)
            check_mapped_fields(f"Stream {target.stream.key}: ", mapping, model)
            return mapping
        return map_columns(target.stream.columns, key_field, model, alias, elsewhere, taken)
    except MappingError as error:
        raise ConfigError(f"Stream {target.stream.key}: {error}", key="streams") from None


def _line_plan(target: Target, model: Model, line_models: Mapping[str, Model]) -> LinePlan | None:
    lines = target.settings.lines
    if lines is None:
        return None
    found = model.fields.get(LINES)
    if not model.is_open and (found is None or found.type != "list"):
        raise ConfigError(
            f"Stream {target.stream.key}: its rows are to be lines, but {target.object.label} has no lines. Remove "
            "`lines` from the stream, or choose an object that has them: an invoice, a bill or a journal entry.",
            key="streams",
        )
    line_model = line_models.get(found.target if found else "") or OPEN_MODEL
    pairs = [(entry.column, entry.field) for entry in lines.fields]
    try:
        mapping = map_fields(pairs, "", line_model, lambda path: path)
        check_mapped_fields(f"Stream {target.stream.key}: ", mapping, line_model, " of a line")
        return LinePlan(lines.group_by, mapping, partial(converter, model=line_model))
    except MappingError as error:
        raise ConfigError(f"Stream {target.stream.key}: {error}", key="streams") from None


def _check_record_key(plan: StreamPlan, columns: Sequence[str]) -> None:
    """Refuse a stream if the catalog shows that no row of it could name its record."""
    asks = "updated" if plan.operation == "update" else "set inactive"
    if plan.operation not in {"update", "deactivate"}:
        asks = "deleted" if plan.on_source_delete == "delete" else "set inactive"
        if plan.on_source_delete == "ignore" or not any(column in plan.deletion_columns for column in columns):
            return
    if columns and plan.lacks_record_key:
        key_field = plan.mapping.key_field
        raise ConfigError(
            f"Stream {plan.stream}: records are to be {asks} and to be found by their record key, but no column goes "
            f"to `{key_field}`. Map the column that holds it with `streams[].field_mapping`, name it with "
            '`matching.field`, or find records by other fields: set `matching` to {"by": "fields", "fields": [...]}.',
            key="matching",
        )
