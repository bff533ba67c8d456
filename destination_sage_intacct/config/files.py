"""The JSON files that Airbyte passes in, read with errors that never show their content."""

import json
from pathlib import Path
from typing import Any

from destination_sage_intacct.config.errors import ConfigError, kind_of


def read_config(path: Path) -> dict[str, Any]:
    """Return the raw configuration in a file.

    Raises:
        ConfigError: the file is missing, unreadable, empty, not JSON or not an object. The text
            never shows its content, which holds secrets.
    """
    return _read(path, "configuration")


def read_catalog_file(path: Path) -> dict[str, Any]:
    """Return the raw configured catalog in a file. Raises as `read_config`."""
    return _read(path, "catalog")


def _read(path: Path, what: str) -> dict[str, Any]:
    name = f"The {what} file {path}"
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigError(f"{name} cannot be read ({reason}); check the path.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{name} is not text in UTF-8; save it as UTF-8.") from None
    if not text.strip():
        raise ConfigError(f"{name} is empty; fill it in.")
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        # From None: the original error carries the whole text, secrets included.
        raise ConfigError(f"{name} is not JSON at {where}; correct it there.") from None
    except (ValueError, RecursionError):
        raise ConfigError(f"{name} is not JSON that can be read; correct it.") from None
    if not isinstance(raw, dict):
        raise ConfigError(f"{name} must hold a JSON object; it holds {kind_of(raw)}.")
    return raw
