"""Configured stream + configuration -> StreamPlan: object, operation, matching, mapping."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from destination_sage_intacct.config import Config, ConfigError, MatchByFields, MatchByRecordKey, StreamSettings
from destination_sage_intacct.intacct.model import Model
from destination_sage_intacct.intacct.objects import CUSTOM_OBJECT, OBJECT_TYPES, ObjectType, object_at, resolve_alias
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.rows.mapping import ColumnMapping, MappingError, map_columns, map_fields

Operation = Literal["insert", "update", "upsert", "deactivate"]

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
class StreamPlan:
    """All that is decided about a stream before its first row.

    `natural_key`: the dotted fields by which records are found; empty where a column holds the record key.
    `scope` goes into every idempotency key of the stream; `keep_nulls`: a null clears its field. `skip_unchanged`:
    rows whose values the record holds already are not written.
    """

    stream: StreamKey
    object: ObjectType
    operation: Operation
    mapping: ColumnMapping
    model: Model
    natural_key: tuple[str, ...]
    primary_key: tuple[tuple[str, ...], ...]
    sync_id: str | None
    scope: tuple[str, ...]
    keep_nulls: bool
    skip_unchanged: bool

    def with_mapping(self, mapping: ColumnMapping) -> "StreamPlan":
        """Return the plan with a mapping that covers more columns.

        Raises:
            ConfigError: none of the columns names a field, or none goes to a field of the natural key, so that no row
                could ever deliver anything.
        """
        if mapping.covered and not mapping.sends_fields and self.operation != "deactivate":
            raise ConfigError(
                f"None of the columns of stream {self.stream} names a field of {self.object.label}, so nothing would "
                f"be written. Columns: {mapping.unsent_text() or 'only the record key'}. Name the columns after the "
                "fields, or map them with `streams[].field_mapping`.",
                key="streams",
            )
        missing = [name for name in self.natural_key if mapping.covered and not mapping.fills(name)]
        if missing:
            raise ConfigError(
                f"Records of stream {self.stream} are to be found by `{missing[0]}`, but no column goes to that field. "
                "Name a column after it, map one with `streams[].field_mapping`, or choose other `matching.fields`.",
                key="matching.fields",
            )
        return replace(self, mapping=mapping)


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


def plan_stream(target: Target, config: Config, model: Model) -> StreamPlan:
    """Finish the plan of a stream with its object's model.

    Raises:
        ConfigError: the stream's columns cannot be mapped as configured.
    """
    mapping = _mapping(target, model)
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
        keep_nulls=config.null_values == "clear",
        skip_unchanged=config.skip_unchanged,
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


def _mapping(target: Target, model: Model) -> ColumnMapping:
    settings = target.settings
    key_field = settings.matching.field if isinstance(settings.matching, MatchByRecordKey) else ""

    def alias(path: str) -> str:
        return resolve_alias(target.object.aliases, path) or path

    try:
        if settings.field_mapping:
            pairs = [(entry.column, entry.field) for entry in settings.field_mapping]
            return map_fields(pairs, key_field, model, alias)
        return map_columns(target.stream.columns, key_field, model, alias)
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


def primary_key_values(plan: StreamPlan, data: object) -> list[object]:
    """Return the values of a row's primary key, None for what it does not hold."""
    return [_value_at(data, path) for path in plan.primary_key]


def primary_key_text(plan: StreamPlan, data: object) -> str:
    """Return a row's primary key as a person finds it in the warehouse; empty without one."""
    return ", ".join(str(value) for value in primary_key_values(plan, data) if value is not None)


def _value_at(data: object, path: tuple[str, ...]) -> object:
    value: object = data
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
