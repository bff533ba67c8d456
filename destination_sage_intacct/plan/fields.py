"""The fields that a configuration names, checked against the object's model: those that no row could ever deliver."""

from destination_sage_intacct.config import ConfigError, MatchByFields, Matching, OnSourceDelete
from destination_sage_intacct.intacct.model import Model
from destination_sage_intacct.intacct.objects import ObjectType, resolve_alias
from destination_sage_intacct.plan.columns import did_you_mean
from destination_sage_intacct.rows.mapping import ColumnMapping
from destination_sage_intacct.rows.suggestions import meant_field, unknown_field
from destination_sage_intacct.rows.validation import KEYED, read_only_field
from destination_sage_intacct.rows.values import Problem


def natural_key_fields(where: str, matching: Matching, chosen: ObjectType, model: Model) -> tuple[str, ...]:
    """Return the real paths of the fields by which records are found; none where it is the record key.

    Args:
        where: begins the text of an error: `Stream customers: `.
        matching: as configured.
        chosen: the object.
        model: of the object.

    Raises:
        ConfigError: a query cannot ask for a field, or no row can fill it.
    """
    if not isinstance(matching, MatchByFields):
        return ()
    fields = tuple(_matching_field(where, name, chosen, model) for name in matching.fields)
    within = chosen.ids_within
    if within and "id" in fields and not any(name in fields for name in (f"{within}.id", f"{within}.key")):
        raise ConfigError(
            f"{where}records cannot be found by `id` without `{within}.id`: two records of {chosen.label} may have the "
            f"same id, each within its own {within}. Match by both, and map columns to both.",
            key="matching.fields",
        )
    return fields


def check_source_deletes(where: str, chosen: ObjectType, on_source_delete: OnSourceDelete) -> None:
    """Check `on_source_delete` against the object; `where` begins the text of the error.

    Raises:
        ConfigError: records are to be set inactive, and have no status.
    """
    if on_source_delete == "deactivate" and not chosen.has_status:
        raise ConfigError(
            f"{where}rows that were deleted at the source are to be set inactive, but {chosen.label} has no status. "
            "Set `on_source_delete` to ignore or delete.",
            key="on_source_delete",
        )


def check_mapped_fields(where: str, mapping: ColumnMapping, model: Model, part: str = "", *, advice: str = "") -> None:
    """Check the fields that columns are mapped to against the model.

    Args:
        where: begins the text of the error.
        mapping: a configured one.
        model: of the object, or of its lines.
        part: of what the fields are, when not of the object itself: ` of a line`.
        advice: what to do, if it is not to change the configuration.

    Raises:
        ConfigError: a field does not exist or is set by Sage Intacct itself; doubtful cases pass.
    """
    for column, paths in mapping.targets.items():
        for path in paths:
            problem = None if path == (mapping.key_field,) else _hopeless(path, model, is_line=bool(part))
            if problem is not None:
                raise ConfigError(
                    f"{where}column `{column}` goes to `{'.'.join(path)}`{part}, but no row could deliver it: "
                    f"{problem.message}. {advice or problem.advice} Nothing was written.",
                    key="streams",
                )


def _hopeless(path: tuple[str, ...], model: Model, *, is_line: bool) -> Problem | None:
    if is_line and path[0] in KEYED:
        return None
    whole = ".".join(path)
    above = [".".join(path[:depth]) for depth in range(1, len(path))]
    if any(_is_read_only(name, model) for name in (*above, whole)):
        return read_only_field(whole, model)
    if whole in model.fields or model.is_open or model.is_partial:
        return None
    kinds = [model.fields[name].type for name in above if name in model.fields]
    # The entries of a list have their own model.
    return unknown_field(whole, whole, model) if set(kinds) <= {"group", "ref"} else None


def _is_read_only(name: str, model: Model) -> bool:
    return name in model.fields and model.fields[name].read_only


def _matching_field(where: str, name: str, chosen: ObjectType, model: Model) -> str:
    found = model.find(name) or model.find(resolve_alias(chosen.aliases, name))
    if found is None and model.is_open:
        return name
    kind = model.fields[found] if found is not None else None
    meant = ""
    if found is None or kind is None:
        why = f"{chosen.label} has no such field"
        meant = meant_field(name, model)
    elif kind.type == "ref":
        why = f"it refers to another record; write `{found}.id`"
    elif kind.type in {"list", "choices", "group"} or kind.write_only:
        why = "Sage Intacct cannot search for it"
    elif kind.read_only:
        why = "Sage Intacct sets it itself; to find records by their record key, set `matching.by` to `record_key`"
    else:
        return found
    text = f"{where}records cannot be found by `{name}`: {why}. {did_you_mean(meant)}"
    raise ConfigError(text.rstrip(), key="matching.fields")
