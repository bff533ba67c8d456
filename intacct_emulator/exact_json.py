"""JSON that keeps every digit: a number with a fraction is read as Decimal and written as the same number."""

from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


class MalformedJsonError(ValueError):
    """The text is not JSON, or holds a number or a nesting too large to read."""


def decode(text: bytes) -> Any:  # noqa: ANN401 - JSON is of any type
    """Return the value of a JSON text.

    Raises:
        MalformedJsonError: the text cannot be read.
    """
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, InvalidOperation) as error:
        raise MalformedJsonError(str(error)) from error


def encode(value: object) -> bytes:
    """Return the JSON text of a value, without spaces."""
    return _encoder.encode(value)
