"""Rows of which a value cannot be read: the others of the row, the reason, and when a line is no message at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from destination_sage_intacct import exact_json
from destination_sage_intacct.protocol.messages import ProtocolError, Record, parse_line, parse_messages
from destination_sage_intacct.protocol.unreadable import Unreadable, read_around

HALF = "it holds one half of a character (a lone surrogate)"
DIGITS = "the number has too many digits"
DEEP = "it is nested too deep"
NO_UTF8 = "it is not UTF-8"
MALFORMED = "it is malformed"


def line(data, record=b'"stream":"s"', kind=b"RECORD"):
    return b'{"type":"%b","record":{%b,"data":%b,"emitted_at":1}}' % (kind, record, data)


VALUES = {
    HALF: [rb'"a\ud83d"', rb'"\udc00\ud800"', rb'{"a":{"b":["\ud83d"]}}'],
    DIGITS: [b"9" * 5_000, b"-" + b"9" * 5_000, b"1e99999999999999999999", b"01"],
    DEEP: [b"[" * 20_000 + b"]" * 20_000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000],
    NO_UTF8: [b'"\xff"', b'"\xed\xa0\xbd"'],
    MALFORMED: [b"NaN", b"-Infinity", rb'"\x"', b'"a\x01b"', b'NaN "other":1'],
}
EACH_VALUE = [pytest.param(value, why, id=repr(value)[:20]) for why, values in VALUES.items() for value in values]


@pytest.mark.parametrize(("value", "why"), EACH_VALUE)
@pytest.mark.parametrize("place", [b'{"bad":%b}', b'{"id":"C-1","bad":%b}', b'{"bad" : %b , "name":"x, \\"}"}'])
def test_a_value_that_cannot_be_read_is_named_with_its_reason(value, why, place):
    record = parse_line(line(place % value), 7)
    assert isinstance(record, Record)
    assert record.unreadable == (Unreadable("bad", why),)
    assert {**record.data, "bad": None} == exact_json.decode(place % b"null")
    assert len(record.data["bad"]) <= 1_000


def around(members, data):
    """A line whose record has these members before its data."""
    return b'{"type":"RECORD","record":{"stream":"s",%b,"data":%b}}' % (members, data)


@pytest.mark.parametrize(
    ("given", "unreadable", "good"),
    [
        (line(rb'{"a":NaN,"b":1,"c":"\ud83d"}'), [("a", MALFORMED), ("c", HALF)], {"b": 1}),
        (line(rb'{"id":"C-1","\ud83d":1}'), [("column 2", "its name cannot be read")], {"id": "C-1"}),
        # A name of the envelope within a value is no part of the envelope.
        (
            line(rb'{"data":{"record":1},"record":"\"data\":1","bad":NaN}'),
            [("bad", MALFORMED)],
            {"data": {"record": 1}, "record": '"data":1'},
        ),
        # A time that cannot be read is not missed, what the source says of the values is.
        (around(b'"emitted_at":1e99999999999999999999,"new":"\xff"', b'{"id":"C-1"}'), [], {"id": "C-1"}),
        (
            around(rb'"meta":{"changes":["\ud83d"]}', b'{"id":"C-1","n":NaN}'),
            [("_airbyte_meta", HALF), ("n", MALFORMED)],
            {"id": "C-1"},
        ),
    ],
)
def test_each_value_that_cannot_be_read_is_named_and_the_others_are_read(given, unreadable, good):
    record = parse_line(given, 1)
    assert record.unreadable == tuple(Unreadable(*each) for each in unreadable)
    assert {name: record.data[name] for name in good} == good


@pytest.mark.parametrize(
    "broken",
    [
        *(b"NaN", b'{"type":"RECORD"}', b'{"type":"RECORD","record":NaN}'),
        *(line(data) for data in (b'{"a":1,}', b'{"a":1', b'{"a":1}}', b'{"a" 1}', b'{"a":NaN,}', b"[NaN]", b"NaN")),
        line(b'{"a":NaN}', kind=b"STATE"),
        line(b'{"a":1}', record=b'"stream":NaN'),
        line(b'{"a":1}', record=rb'"stream":"\ud83d"'),
        line(b'{"a":NaN}', record=rb'"stream":"\ud83d"'),
        line(b'{"a":NaN}') + b"x",
        b"x" + line(b'{"a":NaN}'),
        b"\xff" + line(b'{"a":NaN}'),
        b'{"type":"STATE","state":{"type":"STREAM","stream":{"stream_state":NaN}}}',
    ],
    ids=repr,
)
def test_a_line_that_is_no_record_ends_the_input(broken):
    with pytest.raises(ProtocolError):
        parse_line(broken, 1)


def test_a_byte_order_mark_before_the_first_line_is_passed_over():
    good, mark = line(b'{"a":1}'), b"\xef\xbb\xbf"
    assert [each.data for each in parse_messages(iter([mark + good, good]))] == [{"a": 1}] * 2
    with pytest.raises(ProtocolError):
        list(parse_messages(iter([good, mark + good])))


def test_a_long_line_is_taken_apart_in_one_go():
    """Each part is looked at a few times, however long it is and however many quotes and brackets it holds."""
    hard = b'{"a":"' + b'\\\\\\"{[,' * 20_000 + b'","b":NaN,"c":[' + b"[]," * 20_000 + b"1]}"
    record = parse_line(line(hard), 1)
    assert record.unreadable == (Unreadable("b", MALFORMED),)
    with pytest.raises(ProtocolError):
        parse_line(line(b'{"a":' + b'"' * 20_001 + b"{" * 20_000), 1)


GOOD = line(rb'{"id":"C-1","name":"A \"quoted\" \\ name \u00e9","n":-1.5e3,"o":{"l":[1,{"m":null}]},"t":true}')
AT = GOOD.index(b'{"id"'), GOOD.index(b',"emitted_at"')


@settings(max_examples=1_000)
@given(st.lists(st.tuples(st.integers(*AT), st.binary(max_size=3), st.integers(0, 3)), min_size=1, max_size=4))
def test_whatever_bytes_data_holds_a_line_is_a_row_or_no_message(changes):
    broken = GOOD
    for at, new, less in changes:
        broken = broken[:at] + new + broken[at + less :]
    try:
        record = parse_line(broken, 1)
    except ProtocolError:
        return
    if record is not None and record.unreadable:
        assert isinstance(record.data, dict)
        assert {each.column for each in record.unreadable} <= record.data.keys()
        exact_json.encode(record.data)


@given(st.binary(max_size=60))
def test_no_bytes_break_the_reading(data):
    read_around(line(data))
    read_around(data)
