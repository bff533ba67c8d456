"""spec.json: what may be configured, and which of it is secret.

The file is next to the packages, where Airbyte's CDK looks for it.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

DEEPEST = 100
"""How deep a configuration may be nested: far deeper than any setting."""

Schema = Mapping[str, Any]
"""A draft-07 JSON Schema, as in spec.json."""


def load_spec() -> dict[str, Any]:
    """Airbyte's ConnectorSpecification of this connector, a new copy on each call."""
    spec: dict[str, Any] = json.loads((Path(__file__).parents[1] / "spec.json").read_text("utf-8"))
    return spec


def settings_of(schema: Schema, path: str = "") -> Iterator[tuple[str, str, Schema]]:
    """Yield each setting of a schema as path, name and schema, through properties, oneOf and the items of arrays.

    An array adds `[]` to the path. A setting that several branches of a oneOf share comes once per branch.
    """
    for branch in (schema, *schema.get("oneOf", ())):
        for name, inner in branch.get("properties", {}).items():
            inner_path = f"{path}.{name}" if path else name
            yield inner_path, name, inner
            yield from settings_of(inner, inner_path)
    if "items" in schema:
        yield from settings_of(schema["items"], f"{path}[]")


def secret_values(raw: object) -> list[str]:
    """Return every secret in a raw configuration, to be masked wherever it could be printed.

    A value is secret when spec.json marks a setting of its name `airbyte_secret`. It is found wherever it
    is, also in a configuration that is otherwise wrong, and comes without white space around it, as it is
    used.
    """
    names = {
        name
        for _, name, schema in settings_of(load_spec()["connectionSpecification"])
        if schema.get("airbyte_secret") or schema.get("items", {}).get("airbyte_secret")
    }
    return list(dict.fromkeys(_secrets(raw, names, secret=False)))


def _secrets(value: object, names: set[str], *, secret: bool, depth: int = 0) -> Iterator[str]:
    if depth > DEEPEST:
        return
    match value:
        case Mapping():
            for name, inner in value.items():
                yield from _secrets(inner, names, secret=secret or name in names, depth=depth + 1)
        case list():
            for inner in value:
                yield from _secrets(inner, names, secret=secret, depth=depth + 1)
        case bool() | None:
            pass
        case _ if secret and str(value).strip():
            yield str(value).strip()
