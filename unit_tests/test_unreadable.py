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


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (rb'"a\ud83d"', HALF),
        (rb'"\udc00\ud800"', HALF),
        (rb'{"a":{"b":["\ud83d"]}}', HALF),
        (b"9" * 5_000, DIGITS),
        (b"-" + b"9" * 5_000, DIGITS),
        (b"1e99999999999999999999", DIGITS),
        (b"[" * 20_000 + b"]" * 20_000, DEEP),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, DEEP),
        (b'"\xff"', NO_UTF8),
        (b'"\xed\xa0\xbd"', NO_UTF8),
        (b"NaN", MALFORMED),
        (b"-Infinity", MALFORMED),
        (rb'"\x"', MALFORMED),
        (b'"a\x01b"', MALFORMED),
        (b"01", DIGITS),
        (b'NaN "other":1', MALFORMED),
    ],
    ids=lambda given: given[:20] if isinstance(given, str) else "",
)
@pytest.mark.parametrize(
    "place", [b'{"bad":%b}', b'{"id":"C-1","bad":%b}', b'{"bad" : %b , "name":"x, \\"}"}'], ids="abc"
)
def test_a_value_that_cannot_be_read_is_named_with_its_reason(value, why, place):
    record = parse_line(line(place % value), 7)

    assert isinstance(record, Record)
    assert record.unreadable == (Unreadable("bad", why),)
    good = exact_json.decode(place % b"null")
    assert {name: value for name, value in record.data.items() if name != "bad"} == {
        name: value for name, value in good.items() if name != "bad"
    }
    assert len(record.data["bad"]) <= 1_000


def test_each_value_that_cannot_be_read_is_named():
    record = parse_line(line(rb'{"a":NaN,"b":1,"c":"\ud83d"}'), 1)
    assert record.unreadable == (Unreadable("a", MALFORMED), Unreadable("c", HALF))
    assert record.data["b"] == 1


def test_a_name_that_cannot_be_read_is_named_by_its_place():
    record = parse_line(line(rb'{"id":"C-1","\ud83d":1}'), 1)
    assert record.unreadable == (Unreadable("column 2", "its name cannot be read"),)


def test_a_name_of_the_envelope_within_a_value_is_no_part_of_the_envelope():
    record = parse_line(line(rb'{"data":{"record":1},"record":"\"data\":1","bad":NaN}'), 1)
    assert record.unreadable == (Unreadable("bad", MALFORMED),)
    assert record.data["data"] == {"record": 1}


@pytest.mark.parametrize(
    "broken",
    [
        b"NaN",
        b'{"type":"RECORD"}',
        b'{"type":"RECORD","record":NaN}',
        line(b'{"a":1,}'),
        line(b'{"a":1'),
        line(b'{"a":1}}'),
        line(b'{"a" 1}'),
        line(b'{"a":NaN,}'),
        line(b"[NaN]"),
        line(b"NaN"),
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


def around(members, data=b'{"id":"C-1"}'):
    return b'{"type":"RECORD","record":{"stream":"s",%b,"data":%b}}' % (members, data)


def test_a_time_that_cannot_be_read_is_not_missed():
    record = parse_line(around(b'"emitted_at":1e99999999999999999999,"new":"\xff"'), 1)
    assert (record.data, record.unreadable) == ({"id": "C-1"}, ())


def test_what_is_told_of_the_values_must_be_read():
    record = parse_line(around(rb'"meta":{"changes":["\ud83d"]}', b'{"id":"C-1","n":NaN}'), 1)
    assert record.unreadable == (Unreadable("_airbyte_meta", HALF), Unreadable("n", MALFORMED))
