"""What is wrong with a configuration, in one sentence made of what spec.json says about each setting."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

from destination_sage_intacct.config.spec import Schema, settings_of

_KINDS = {
    bool: "true or false",
    str: "text",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
}
_TYPES = {"boolean": "true or false", "string": "text", "array": "a list", "object": "an object"}
_NUMBERS = {"integer": "a whole number", "number": "a number"}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an object is in the settings, and what may be set there."""

    path: str
    schema: Schema
    known: Mapping[str, Schema]
    value: Mapping[str, Any]
    whole: Schema


class ConfigError(Exception):
    """A configuration that the connector cannot work with, in one sentence: the setting and the remedy.

    Attributes:
        key: the path of the setting, such as `streams[2].field_mapping[0].column`; empty when the error is
            about the configuration as a whole.

    The text never holds the value of a secret setting.
    """

    def __init__(self, message: str, *, key: str = "") -> None:
        super().__init__(message)
        self.key = key


def check_settings(schema: Schema, settings: Mapping[str, Any]) -> None:
    """Check the settings against the schema; one `const` property distinguishes the branches of each `oneOf`.

    Raises:
        ConfigError: for the first problem. Unknown settings come first, because a misspelt setting also shows
            up as a missing one.
    """
    narrowed = _narrowed(schema, settings, "", schema)
    for error in Draft7Validator(narrowed).iter_errors(settings):
        raise _told(error)


def kind_of(value: object) -> str:
    """Return what a JSON value is, in words: text, a number, a list."""
    return _KINDS.get(type(value), "nothing")


def _narrowed(schema: Schema, value: object, path: str, whole: Schema) -> Schema:
    """Return the schema for just this value: each oneOf replaced by the branch it names."""
    if isinstance(value, list) and "items" in schema:
        items = [_narrowed(schema["items"], item, f"{path}[{n}]", whole) for n, item in enumerate(value)]
        return {**schema, "items": items}
    plain = {keyword: content for keyword, content in schema.items() if keyword != "oneOf"}
    if not isinstance(value, dict) or schema["type"] != "object":
        return plain
    if "oneOf" in schema:
        plain |= _branch(schema, value, path)
    known: Mapping[str, Schema] = plain["properties"]
    for name in value:
        if name not in known:
            raise _unknown(_Place(path, schema, known, value, whole), name)
    chosen = {name: _narrowed(known[name], value[name], _joined(path, name), whole) for name in value}
    return {**plain, "properties": {**known, **chosen}}


def _branch(schema: Schema, value: Mapping[str, Any], path: str) -> Schema:
    """Return the branch of a oneOf that the value names by its discriminator."""
    tag, branches = _choices(schema)
    key = _joined(path, tag)
    if tag not in value:
        raise ConfigError(f"`{key}` is missing; set it to {_one_of(branches)}.", key=key)
    for constant, branch in branches.items():
        if value[tag] == constant:
            return branch
    raise ConfigError(f"`{key}` must be {_one_of(branches)}{_guess(value[tag], branches)}", key=key)


def _choices(schema: Schema) -> tuple[str, dict[str, Schema]]:
    """Return the discriminator of a oneOf, and its branches by the discriminator's constant."""
    branches: Sequence[Schema] = schema["oneOf"]
    tag = next(name for name, inner in branches[0]["properties"].items() if "const" in inner)
    return tag, {branch["properties"][tag]["const"]: branch for branch in branches}


def _unknown(place: _Place, name: str) -> ConfigError:
    """Return the error for a setting that is not known where it is."""
    key = _joined(place.path, name)
    if "oneOf" in place.schema:
        tag, branches = _choices(place.schema)
        users = [constant for constant, branch in branches.items() if name in branch["properties"]]
        if users:
            tag_key = _joined(place.path, tag)
            message = f"`{key}` is not used when `{tag_key}` is `{place.value[tag]}`; remove it"
            return ConfigError(f"{message} or set `{tag_key}` to {_one_of(users)}.", key=key)
    elsewhere = dict.fromkeys(path for path, other, _ in settings_of(place.whole) if other == name)
    if elsewhere:
        return ConfigError(f"`{key}` is not a setting; move it to {_one_of(elsewhere)}.", key=key)
    near = get_close_matches(name.lower(), place.known, n=1, cutoff=0.75)
    if near:
        meant = _joined(place.path, near[0])
        return ConfigError(f"`{key}` is not a setting; did you mean `{meant}`?", key=key)
    return ConfigError(f"`{key}` is not a setting; remove it or use {_one_of(place.known)}.", key=key)


def _told(error: ValidationError) -> ConfigError:
    schema: Any = error.schema
    instance: Any = error.instance
    path = _path(error.absolute_path)
    if error.validator == "required":
        name = next(name for name in schema["required"] if name not in instance)
        return _missing(schema["properties"][name], _joined(path, name))
    if error.validator == "type":
        message = f"`{path}` must be {_expected(schema, named_values=False)}; it is {kind_of(instance)}."
        return ConfigError(message, key=path)
    guess = _guess(instance, schema.get("enum", ()))
    return ConfigError(f"`{path}` must be {_expected(schema)}{guess}", key=path)


def _missing(schema: Schema, key: str) -> ConfigError:
    message = f"`{key}` is missing; fill in {schema['title']}"
    if "oneOf" in schema:
        tag, branches = _choices(schema)
        message += f" with `{tag}` {_one_of(branches)}"
    elif "examples" in schema:
        example = schema["examples"][0]
        message += f", for example `{example if isinstance(example, str) else json.dumps(example)}`"
    return ConfigError(f"{message}.", key=key)


def _expected(schema: Schema, *, named_values: bool = True) -> str:
    """Return what a setting may hold, as the end of "must be"."""
    if named_values and "enum" in schema:
        return _one_of(filter(None, schema["enum"]))
    if named_values and "pattern_descriptor" in schema:
        return str(schema["pattern_descriptor"])
    if schema["type"] in _NUMBERS:
        least = schema["minimum"]
        limits = f"from {least} to {schema['maximum']}" if "maximum" in schema else f"of {least} or more"
        return f"{_NUMBERS[schema['type']]} {limits}"
    if "maxItems" in schema:
        return f"a list of {schema['minItems']} to {schema['maxItems']} entries"
    return _TYPES[schema["type"]]


def _one_of(names: Iterable[str]) -> str:
    *most, last = (f"`{name}`" for name in names)
    return f"{', '.join(most)} or {last}" if most else last


def _guess(value: object, names: Iterable[str]) -> str:
    """Return the end of a sentence: the allowed value that was probably meant, when there is one."""
    by_lower = {name.lower(): name for name in names}
    near = get_close_matches(str(value).lower(), by_lower, n=1)
    return f"; did you mean `{by_lower[near[0]]}`?" if near else "."


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _path(parts: Iterable[str | int]) -> str:
    path = ""
    for part in parts:
        path = f"{path}[{part}]" if isinstance(part, int) else _joined(path, part)
    return path
