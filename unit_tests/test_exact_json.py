import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.exact_json import NotJsonError, decode, decode_members, encode

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**60), 10**60)
    | st.decimals(allow_nan=False, allow_infinity=False, places=9)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_a_value_comes_back_as_it_was_and_is_json_to_everyone_else(value):
    assert _spelled(decode(encode(value))) == _spelled(value)
    assert _spelled(json.loads(encode(value), parse_float=Decimal)) == _spelled(value)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        *((digits, Decimal) for digits in ("68400.00", "-0.0", "0.1000000000000000055511151231257827", "1E+400")),
        *((digits, int) for digits in ("1", "123456789012345678901234567890")),
    ],
)
def test_a_number_keeps_its_digits_and_a_whole_one_is_an_int(number, kind):
    decoded = decode(number.encode())
    assert (type(decoded), encode(decoded)) == (kind, number.encode())


@pytest.mark.parametrize(
    ("read", "data", "reason"),
    [
        *((decode, data, "it ends too early") for data in (b'{"name": "Star', b"[1, 2", b"")),
        *((decode, data, "it is malformed") for data in (b'{"amount": NaN}', b'{"amount": -Infinity}', b'{"name": }')),
        *((decode, data, "it is malformed") for data in (b"{} {}", b"{'name': 1}")),
        (decode, b'{"name": "Caf\xe9"}', "it is not UTF-8"),
        (decode, b"[" * 50_000 + b"]" * 50_000, "it is nested too deep"),
        (decode, b"[1e9999999999999999999]", "it holds a number that is too large or too small"),
        (decode, b"[-1.5E-99999999999999999999]", "it holds a number that is too large or too small"),
        (decode_members, b'{"state": {', "it ends too early"),
        *((decode_members, data, "it is malformed") for data in (b'{"state": NaN}', b"[]", b"1", b"null")),
        (decode_members, b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "it is nested too deep"),
    ],
)
def test_what_is_not_json_or_not_an_object_with_members_is_refused_with_a_reason(read, data, reason):
    with pytest.raises(NotJsonError) as caught:
        read(data)
    assert str(caught.value) == reason


def test_the_reason_never_shows_the_content_nor_drags_it_along():
    with pytest.raises(NotJsonError) as caught:
        decode(b'{"iban": "DE89370400440532013000" x}')
    assert "DE89" not in str(caught.value)
    assert (caught.value.__cause__, caught.value.__suppress_context__) == (None, True)


def test_members_keep_their_own_bytes():
    members = decode_members(b'{"a": 1.50 , "b": {"z":1,  "a":2}, "c": null}')
    assert {name: bytes(raw) for name, raw in members.items()} == {"a": b"1.50", "b": b'{"z":1,  "a":2}', "c": b"null"}
    assert encode(members) == b'{"a":1.50,"b":{"z":1,  "a":2},"c":null}'


def _spelled(value):
    """Numbers as their digits, so that 1.0 and 1.00 differ and a float would show."""
    if isinstance(value, dict):
        return {name: _spelled(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_spelled(inner) for inner in value]
    if isinstance(value, Decimal):
        return ("decimal", value.as_tuple())
    return (type(value).__name__, value)
