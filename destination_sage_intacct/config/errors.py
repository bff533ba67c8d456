"""What is wrong with a configuration, in one sentence made of what spec.json says about each setting."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from destination_sage_intacct.config.spec import Schema, settings_of

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

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


def check_settings(schema: Schema, settings: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[str]]:
    """Check the settings against the schema; one `const` property distinguishes the branches of each `oneOf`.

    Returns:
        The settings that are used, and a sentence about each that is not: a setting of another version of the
        connector, or of another branch of a choice, as left behind by a rollback or a Terraform file.

    Raises:
        ConfigError: for the first problem. Misspelt settings come first, because one also shows up as missing.
    """
    ignored: list[str] = []
    used = _used(schema, settings, "", schema, ignored)
    narrowed = _narrowed(schema, used, "")
    if not _is_surely_valid(narrowed, used):
        from jsonschema import Draft202012Validator  # noqa: PLC0415 - it costs 8 MB, and time, that only errors need

        for error in Draft202012Validator(dict(narrowed)).iter_errors(used):
            raise _told(error)
    return used, ignored


def _is_surely_valid(schema: Schema, settings: Mapping[str, Any]) -> bool:
    try:
        return jsonschema_rs.Draft202012Validator(dict(schema)).is_valid(settings)
    except ValueError:  # a lone surrogate, or deeper nesting than it supports; jsonschema takes both
        return False


def kind_of(value: object) -> str:
    """Return what a JSON value is, in words: text, a number, a list."""
    return _KINDS.get(type(value), "nothing")


def _used(schema: Schema, value: Any, path: str, whole: Schema, ignored: list[str]) -> Any:  # noqa: ANN401 - any JSON
    """Return a value without the settings that are not known where they are, which are added to `ignored`."""
    if isinstance(value, list) and "items" in schema:
        return [_used(schema["items"], item, f"{path}[{n}]", whole, ignored) for n, item in enumerate(value)]
    if not isinstance(value, dict) or schema["type"] != "object":
        return value
    known: Mapping[str, Schema] = (_branch(schema, value, path) if "oneOf" in schema else schema)["properties"]
    place = _Place(path, schema, known, value, whole)
    ignored += [_ignored(place, name) for name in value if name not in known]
    return {
        name: _used(known[name], inner, _joined(path, name), whole, ignored)
        for name, inner in value.items()
        if name in known
    }


def _narrowed(schema: Schema, value: object, path: str) -> Schema:
    """Return the schema for just this value: each oneOf replaced by the branch it names."""
    if isinstance(value, list) and "items" in schema:
        items = [_narrowed(schema["items"], item, f"{path}[{n}]") for n, item in enumerate(value)]
        return {**{keyword: content for keyword, content in schema.items() if keyword != "items"}, "prefixItems": items}
    plain = {keyword: content for keyword, content in schema.items() if keyword != "oneOf"}
    if not isinstance(value, dict) or schema["type"] != "object":
        return plain
    if "oneOf" in schema:
        plain |= _branch(schema, value, path)
    known: Mapping[str, Schema] = plain["properties"]
    chosen = {name: _narrowed(known[name], value[name], _joined(path, name)) for name in value}
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


def _ignored(place: _Place, name: str) -> str:
    """Return what to say about a setting that is not known at its place, and so not used.

    Raises:
        ConfigError: it is known at another place, or is close to a known one, so it was meant to do something.
    """
    key = _joined(place.path, name)
    if "oneOf" in place.schema:
        tag, branches = _choices(place.schema)
        users = [constant for constant, branch in branches.items() if name in branch["properties"]]
        if users:
            tag_key = _joined(place.path, tag)
            unused = f"`{key}` is not used, as `{tag_key}` is `{place.value[tag]}`"
            return f"{unused}; remove it or set `{tag_key}` to {_one_of(users)}."
    elsewhere = dict.fromkeys(path for path, other, _ in settings_of(place.whole) if other == name)
    if elsewhere:
        raise ConfigError(f"`{key}` is not a setting; move it to {_one_of(elsewhere)}.", key=key)
    near = _near(name.lower(), place.known, 0.75)
    if near:
        meant = _joined(place.path, near)
        raise ConfigError(f"`{key}` is not a setting; did you mean `{meant}`?", key=key)
    return f"`{key}` is not a setting of this version of the connector and is not used."


def _told(error: "ValidationError") -> ConfigError:
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
    near = _near(str(value).lower(), by_lower)
    return f"; did you mean `{by_lower[near]}`?" if near else "."


def _near(name: str, names: Iterable[str], likeness: float = 0.6) -> str:
    """Return the one of the names that is most like this one, an empty text if none is."""
    from difflib import get_close_matches  # noqa: PLC0415 - it costs 0.3 MB that only errors need

    return next(iter(get_close_matches(name, list(names), 1, likeness)), "")


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _path(parts: Iterable[str | int]) -> str:
    path = ""
    for part in parts:
        path = f"{path}[{part}]" if isinstance(part, int) else _joined(path, part)
    return path
