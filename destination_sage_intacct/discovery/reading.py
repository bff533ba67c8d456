"""Reads what a company's objects offer: the list of objects, and the models of all of them at once."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from destination_sage_intacct.discovery.operations import CatalogOperation, WritableObject, operations
from destination_sage_intacct.intacct.access import FORBIDDEN
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.errors import AccessError, SageError
from destination_sage_intacct.intacct.model import (
    CHANGES,
    CREATE,
    Model,
    known_model,
    parse_methods,
    parse_model,
    parse_object_list,
)
from destination_sage_intacct.intacct.objects import CUSTOM_OBJECTS, OBJECT_TYPES, ObjectType, object_at

_Warn = Callable[[str], None]


def discover(client: IntacctClient, threads: int, warn: _Warn) -> list[CatalogOperation]:
    """Return the operations on every object that the user may write: the nine, then custom objects by their paths.

    Args:
        client: asks; the model service counts each question as an API transaction.
        threads: how many questions are asked at once; the client's own limit holds for all of them together.
        warn: told of each object that is left out, and of what could not be asked.

    Raises:
        AccessError: there is no object that the user may write.
        IntacctError: signing in failed, or Sage Intacct cannot be reached.
    """
    listed = client.models()
    if isinstance(listed, SageError) and listed.status == FORBIDDEN:
        warn(
            f"The model service is closed to this user ({_said(listed)}), so the fields of the nine standard objects "
            "are those that Sage's documentation names, without the company's own, and custom objects are not listed. "
            "Give the user the permission to read object definitions, then refresh the destination's fields."
        )
        found = [_known(each) for each in OBJECT_TYPES.values()]
    else:
        with ThreadPoolExecutor(threads, thread_name_prefix="discover") as pool:
            found = _asked(client, pool, _candidates(listed, warn), warn)
    if not found:
        raise AccessError(
            "There is no object that this user may write, so there is nothing to map columns to. Give the Web Services "
            "user and the app permission to add and edit the objects that the sync is to fill."
        )
    return [operation for each in found for operation in operations(each)]


def _candidates(listed: object, warn: _Warn) -> list[ObjectType]:
    """Return the nine objects and the custom ones that can be written, as far as the list tells."""
    if isinstance(listed, SageError):
        warn(f"Custom objects are not listed: the model service does not tell which ones there are ({_said(listed)}).")
        return list(OBJECT_TYPES.values())
    custom: list[ObjectType] = []
    for each in sorted(parse_object_list(listed), key=lambda entry: entry.path):
        if each.path.startswith(CUSTOM_OBJECTS):
            if _can_be_written(each.methods):
                custom.append(object_at(each.path))
            else:
                warn(_left_out(each.path, _CANNOT_BE_WRITTEN))
    return [*OBJECT_TYPES.values(), *custom]


def _asked(
    client: IntacctClient, pool: ThreadPoolExecutor, candidates: list[ObjectType], warn: _Warn
) -> list[WritableObject]:
    found: list[WritableObject] = []
    for each, answer in zip(candidates, pool.map(partial(_ask, client), candidates), strict=True):
        if isinstance(answer, WritableObject):
            found.append(answer)
        else:
            warn(_left_out(each.label, answer))
    lists = dict.fromkeys(target for each in found for target in _held(each.model))
    models = dict(zip(lists, pool.map(partial(_model, client), lists), strict=True))
    return [_with_lines(each, models) for each in found]


def _ask(client: IntacctClient, chosen: ObjectType) -> WritableObject | str:
    """Return an object with its model, or why it is left out."""
    answer = client.model(chosen.path)
    if isinstance(answer, SageError):
        return f"its fields cannot be read, {_said(answer)}"
    model = parse_model(chosen.path, answer)
    if model is None:
        return "the model service does not know it; an application that is not subscribed has no objects"
    methods = parse_methods(answer)
    return WritableObject(chosen, model, methods=methods) if _can_be_written(methods) else _CANNOT_BE_WRITTEN


def _model(client: IntacctClient, path: str) -> Model | None:
    answer = client.model(path)
    return None if isinstance(answer, SageError) else parse_model(path, answer)


def _known(chosen: ObjectType) -> WritableObject:
    model = known_model(chosen.path) or Model(chosen.path, is_open=True)
    return _with_lines(WritableObject(chosen, model), {target: known_model(target) for target in _held(model)})


def _with_lines(found: WritableObject, models: Mapping[str, Model | None]) -> WritableObject:
    held = {target: model for target in _held(found.model) if (model := models.get(target)) is not None}
    return WritableObject(found.object, found.model, held, found.methods)


def _held(model: Model) -> Iterable[str]:
    return (field.target for field in model.fields.values() if field.type == "list" and field.target)


def _can_be_written(methods: frozenset[str]) -> bool:
    return bool(methods & (CHANGES | {CREATE}))


def _left_out(name: str, why: str) -> str:
    return f"{name} is left out: {why}."


def _said(error: SageError) -> str:
    return f"Sage Intacct says: {error.message.rstrip('.')} [{error.error_id or error.code or error.status}]"


_CANNOT_BE_WRITTEN = "its records can be neither added nor changed over the API"
