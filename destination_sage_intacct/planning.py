"""Configured stream + configuration -> StreamPlan: object, operation, matching, mapping, lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from destination_sage_intacct.config import Config, ConfigError, MatchByFields, MatchByRecordKey, StreamSettings
from destination_sage_intacct.intacct.model import Model
from destination_sage_intacct.intacct.objects import CUSTOM_OBJECT, OBJECT_TYPES, ObjectType, object_at, resolve_alias
from destination_sage_intacct.plan import LINES, LinePlan, Operation, StreamPlan
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.rows.conversion import convert
from destination_sage_intacct.rows.mapping import ColumnMapping, MappingError, map_columns, map_fields
from destination_sage_intacct.rows.validation import compile_validation

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


def configured_objects(config: Config) -> tuple[ObjectType, ...]:
    """Return every object that the configuration names, each once; for check, which has no catalog."""
    named = [(config.object_type, config.custom_object_path)]
    named += [(entry.object_type, entry.custom_object_path) for entry in config.streams]
    objects = (_object(label, path) for label, path in named if label is not None)
    return tuple({each.path: each for each in objects}.values())


def target_of(stream: ConfiguredStream, config: Config) -> Target:
    """Decide on object and operation of a stream.

    Raises:
        ConfigError: no object is set for the stream, or the mode has no meaning in Sage Intacct.
    """
    settings = config.settings_for(stream.key.namespace, stream.key.name)
    if settings.object_type is None:
        raise ConfigError(
            f"No object is set for stream {stream.key}: set `object_type`, or give the stream its own in `streams`.",
            key="object_type",
        )
    chosen = _object(settings.object_type, settings.custom_object_path)
    return Target(stream, settings, chosen, _operation(stream, settings, chosen))


def plan_stream(
    target: Target, config: Config, model: Model, line_models: Mapping[str, Model] | None = None
) -> StreamPlan:
    """Finish the plan of a stream with its object's model, and those of the records in its lists by their paths.

    Raises:
        ConfigError: the stream's columns cannot be mapped as configured.
    """
    settings = target.settings
    line_models = line_models or {}
    keep_nulls = config.null_values == "clear"
    lines = _line_plan(target, model, line_models)
    mapping = _mapping(target, model, lines)
    if config.on_source_delete == "deactivate" and not target.object.has_status:
        raise ConfigError(
            f"Stream {target.stream.key}: rows that were deleted at the source are to be set inactive, but "
            f"{target.object.label} has no status. Set `on_source_delete` to ignore or delete.",
            key="on_source_delete",
        )
    plan = StreamPlan(
        stream=target.stream.key,
        object=target.object,
        operation=target.operation,
        mapping=mapping,
        model=model,
        natural_key=_natural_key(target, model),
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
        convert=partial(convert, model=model, lines=line_models, keep_nulls=keep_nulls),
        validate=compile_validation(target.object, model, target.operation, line_models),
        create_only=frozenset(
            {name for name, each in model.fields.items() if each.create_only} | set(target.object.create_only)
        ),
        lines=lines,
        line_models=line_models,
        lines_on_update=config.lines_on_update,
        on_source_delete=config.on_source_delete,
        entity_field=settings.entity_field or "",
    )
    return plan.with_mapping(mapping)


def _object(label: str, custom_path: str | None) -> ObjectType:
    if label == CUSTOM_OBJECT and custom_path is not None:
        return object_at(custom_path)
    return OBJECT_TYPES[label]


def _operation(stream: ConfiguredStream, settings: StreamSettings, chosen: ObjectType) -> Operation:
    if settings.operation is not None and settings.operation != "auto":
        return settings.operation
    operation = _BY_SYNC_MODE.get(stream.sync_mode)
    if operation is None:
        raise ConfigError(
            f"Stream {stream.key} asks for the sync mode `{stream.sync_mode}`, which would replace what Sage Intacct "
            "holds; this connector never does that. Choose Append or Append + Deduped in the connection, or set "
            "`operation` for the stream.",
            key="operation",
        )
    if operation == "deactivate" and not chosen.has_status:
        raise ConfigError(
            f"Stream {stream.key} asks for soft deletes, but {chosen.label} has no status that could be set to "
            "inactive. Choose another sync mode in the connection.",
            key="operation",
        )
    return operation


def _mapping(target: Target, model: Model, lines: LinePlan | None) -> ColumnMapping:
    settings = target.settings
    key_field = settings.matching.field if isinstance(settings.matching, MatchByRecordKey) else ""
    elsewhere = {*(lines.mapping.targets if lines else ()), settings.entity_field}

    def alias(path: str) -> str:
        return resolve_alias(target.object.aliases, path) or path

    try:
        if settings.field_mapping:
            pairs = [(entry.column, entry.field) for entry in settings.field_mapping]
            return map_fields(pairs, key_field, model, alias)
        return map_columns(target.stream.columns, key_field, model, alias, elsewhere)
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
    line_model = line_models.get(found.target if found else "") or Model("", is_open=True)
    pairs = [(entry.column, entry.field) for entry in lines.fields]
    try:
        mapping = map_fields(pairs, "", line_model, lambda path: path)
        return LinePlan(lines.group_by, mapping, partial(convert, model=line_model))
    except MappingError as error:
        raise ConfigError(f"Stream {target.stream.key}: {error}", key="streams") from None


def _natural_key(target: Target, model: Model) -> tuple[str, ...]:
    matching = target.settings.matching
    if not isinstance(matching, MatchByFields):
        return ()
    return tuple(_matching_field(name, target, model) for name in matching.fields)


def _matching_field(name: str, target: Target, model: Model) -> str:
    """Return the real path of a field that a query can ask for and a row can fill."""
    found = model.find(name) or model.find(resolve_alias(target.object.aliases, name))
    if found is None and model.is_open:
        return name
    kind = model.fields[found] if found is not None else None
    if found is None or kind is None:
        why = f"{target.object.label} has no such field"
    elif kind.type == "ref":
        why = f"it refers to another record; write `{found}.id`"
    elif kind.type in {"list", "group"} or kind.write_only:
        why = "Sage Intacct cannot search for it"
    elif kind.read_only:
        why = "Sage Intacct sets it itself; to find records by their record key, set `matching.by` to `record_key`"
    else:
        return found
    raise ConfigError(f"Stream {target.stream.key}: records cannot be found by `{name}`: {why}.", key="matching.fields")
