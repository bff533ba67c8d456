"""JSON in which a number keeps its digits: decimals are `Decimal`, integers have any length."""

from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_SORTING_ENCODER = msgspec.json.Encoder(decimal_format="number", order="deterministic")


class NotJsonError(ValueError):
    """The bytes are not one JSON value. The text says what is wrong, never what the bytes hold."""


def decode(data: bytes) -> Any:  # noqa: ANN401 - JSON is any value
    """Decode one JSON value; decimals come as `Decimal`.

    Raises:
        NotJsonError: malformed, truncated, not UTF-8, NaN or Infinity, nested too deep, or a decimal whose exponent no
            `Decimal` can hold.
    """
    try:
        return _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, InvalidOperation) as error:
        raise NotJsonError(_reason(error)) from None


def decode_members(data: bytes) -> dict[str, msgspec.Raw]:
    """Decode one JSON object into its members' own bytes, so that they can be written again verbatim.

    Raises:
        NotJsonError: the bytes are not a JSON object.
    """
    try:
        return msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotJsonError(_reason(error)) from None


def encode(value: object) -> bytes:
    """Encode to UTF-8; a `Decimal` becomes a number with its own digits."""
    return _ENCODER.encode(value)


def encode_sorted(value: object) -> bytes:
    """Encode as `encode` does, the keys of every object in order: equal values give equal bytes."""
    return _SORTING_ENCODER.encode(value)


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if isinstance(error, InvalidOperation):
        return "it holds a number that is too large or too small"
    if "truncated" in str(error):
        return "it ends too early"
    return "it is malformed"
