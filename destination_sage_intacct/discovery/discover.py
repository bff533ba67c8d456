"""Reads what a company's objects offer: the list of objects, and the models of all of them at once."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus

from destination_sage_intacct.discovery.operations import CatalogOperation, WritableObject, operations
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.errors import AccessError, SageError
from destination_sage_intacct.intacct.model import (
    CHANGES,
    CREATE,
    CUSTOM_OBJECTS,
    ListedObject,
    Model,
    fallback_model,
    known_model,
)
from destination_sage_intacct.intacct.objects import OBJECT_TYPES, ObjectType, object_at

_Warn = Callable[[str], None]


def discover(client: IntacctClient, threads: int, warn: _Warn) -> list[CatalogOperation]:
    """Return the operations on every object that the user may write: the nine, then custom objects by their paths.

    Args:
        client: sends the requests; the model service counts each as an API transaction.
        threads: how many requests are made at once; the client's own limit applies to all of them together.
        warn: called with each object that is left out, and with what could not be asked.

    Raises:
        AccessError: there is no object that the user may write.
        IntacctError: signing in failed, or Sage Intacct cannot be reached.
    """
    listed = client.objects()
    if isinstance(listed, SageError) and listed.status == HTTPStatus.FORBIDDEN:
        warn(
            "The model service is closed to this user, so the fields of the nine standard objects are those that "
            f"Sage's documentation names, without the company's own, and custom objects are not listed. {listed.said} "
            "Give the user the permission to read object definitions, then refresh the destination's fields."
        )
        found = [_known(each) for each in OBJECT_TYPES.values()]
    else:
        pool = ThreadPoolExecutor(threads, thread_name_prefix="discover")
        try:
            found = _ask_all(client, pool, _candidates(listed, warn), warn)
        finally:
            # Nothing waits for the other requests once one has failed.
            pool.shutdown(wait=False, cancel_futures=True)
    if not found:
        raise AccessError(
            "There is no object that this user may write, so there is nothing to map columns to. Give the Web Services "
            "user and the app permission to add and edit the objects that the sync is to fill."
        )
    return [operation for each in found for operation in operations(each)]


def _candidates(listed: tuple[ListedObject, ...] | SageError, warn: _Warn) -> list[ObjectType]:
    """Return the nine objects and the custom ones that can be written, according to the list."""
    if isinstance(listed, SageError):
        warn(f"Custom objects are not listed: the model service does not report which ones there are. {listed.said}")
        return list(OBJECT_TYPES.values())
    custom: list[ObjectType] = []
    for each in sorted(listed, key=lambda entry: entry.path):
        if each.path.startswith(CUSTOM_OBJECTS):
            if _can_be_written(each.methods):
                custom.append(object_at(each.path))
            else:
                warn(_left_out(each.path, _CANNOT_BE_WRITTEN))
    return [*OBJECT_TYPES.values(), *custom]


def _ask_all(
    client: IntacctClient, pool: ThreadPoolExecutor, candidates: list[ObjectType], warn: _Warn
) -> list[WritableObject]:
    found: list[WritableObject] = []
    for each, answer in zip(candidates, pool.map(partial(_ask, client), candidates), strict=True):
        if isinstance(answer, Model):
            found.append(WritableObject(each, answer))
        else:
            warn(_left_out(each.label, answer))
    lists = dict.fromkeys(target for each in found for target in _list_targets(each.model))
    models = dict(zip(lists, pool.map(client.model, lists), strict=True))
    return [_with_lines(each, models) for each in found]


def _ask(client: IntacctClient, chosen: ObjectType) -> Model | str:
    """Return an object's model, or why the object is left out."""
    model = client.model(chosen.path)
    if isinstance(model, SageError):
        return f"its fields cannot be read. {model.said}"
    if model is None:
        return "the model service does not know it; an application that is not subscribed has no objects."
    return model if _can_be_written(model.methods) else _CANNOT_BE_WRITTEN


def _known(chosen: ObjectType) -> WritableObject:
    model = fallback_model(chosen.path)
    return _with_lines(WritableObject(chosen, model), {target: known_model(target) for target in _list_targets(model)})


def _with_lines(found: WritableObject, models: Mapping[str, Model | SageError | None]) -> WritableObject:
    lines = {target: model for target in _list_targets(found.model) if isinstance(model := models.get(target), Model)}
    return WritableObject(found.object, found.model, lines)


def _list_targets(model: Model) -> Iterable[str]:
    return (field.target for field in model.fields.values() if field.type == "list" and field.target)


def _can_be_written(methods: frozenset[str]) -> bool:
    return bool(methods & (CHANGES | {CREATE}))


def _left_out(name: str, why: str) -> str:
    return f"{name} is left out: {why}"


_CANNOT_BE_WRITTEN = "its records can be neither added nor changed over the API."
