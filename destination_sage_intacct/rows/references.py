"""The records of other objects that a body names: a payment term by its id, a customer by its record key."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from destination_sage_intacct.intacct.model import Model
from destination_sage_intacct.rows.values import plain_text

_PREFIX = "objects/"
_NAMING = ("key", "id")


class Reference(NamedTuple):
    """One reference: where in the body it is, such as `lines.0.glAccount`, and which record it names.

    `target`: the record's object; `member`: `key` or `id`; `value`: of that.
    """

    field: str
    target: str
    member: str
    value: str


def references(
    body: Mapping[str, Any], model: Model, line_model: Callable[[str], Model], at: str = "", within: str = ""
) -> Iterator[Reference]:
    """Yield the references of a body, in its order; of key and id the key. Not deeper than the model goes.

    One with more than its key or id is left out: Sage Intacct may make its record, as with a contact.

    Args:
        body: the nested body.
        model: has the references and their objects.
        line_model: returns the model of the records in a list of the object.
        at: where the body is within the record, with a dot behind.
        within: the same as the model has it, without positions.
    """
    for name, value in body.items():
        field = model.fields.get(within + name)
        if field is None or not value:
            continue
        if field.type == "list" and isinstance(value, list):
            for place, item in enumerate(value):
                if isinstance(item, Mapping):
                    yield from references(item, line_model(name), line_model, f"{at}{name}.{place}.")
        elif isinstance(value, Mapping):
            if field.type == "ref" and value.keys() <= {*_NAMING}:
                yield from _named(value, field.target, at + name)
            elif field.type in {"ref", "group"}:
                yield from references(value, model, line_model, f"{at}{name}.", f"{within}{name}.")


def _named(value: Mapping[str, Any], target: str, at: str) -> Iterator[Reference]:
    for member in _NAMING:
        text = plain_text(value.get(member))
        if text and target:
            yield Reference(at, target.removeprefix(_PREFIX), member, text)
            return
