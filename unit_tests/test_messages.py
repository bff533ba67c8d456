import itertools
import os

import pytest

from destination_sage_intacct import exact_json
from destination_sage_intacct.protocol import messages as protocol
from destination_sage_intacct.protocol.messages import (
    ProtocolError,
    Record,
    StreamKey,
    changes_in,
    parse_line,
    parse_messages,
)

NEITHER = "its state is neither of a stream nor global"
CUSTOMERS = {"stream_descriptor": {"name": "customers"}}


def state(kind, stream):
    return {"type": "STATE", "state": {"type": kind, "stream": stream}}


def record(**more):
    return {"type": "RECORD", "record": {"stream": "customers", "data": {}, **more}}


def status(of, kind="COMPLETE"):
    return {"type": "TRACE", "trace": {"type": "STREAM_STATUS", "stream_status": {**of, "status": kind}}}


def parse(message):
    return parse_line(exact_json.encode(message), 7)


def test_a_record_is_read_with_its_exact_numbers_and_its_line():
    line = b'{"type":"RECORD","record":{"stream":"customers","namespace":"public","data":{"limit":68400.00}}}'
    read = parse_line(line, 7)
    assert isinstance(read, Record)
    assert (read.line, read.stream) == (7, StreamKey("public", "customers"))
    assert exact_json.encode(read.data) == b'{"limit":68400.00}'


@pytest.mark.parametrize(
    ("more", "data"),
    [({"namespace": None}, {}), ({"namespace": ""}, {}), *(({"data": odd}, odd) for odd in (None, [1], "text"))],
)
def test_an_empty_namespace_is_none_and_data_that_is_no_object_is_passed_on_for_its_row_to_be_rejected(more, data):
    assert parse(record(**more)) == Record(7, StreamKey(None, "customers"), data)


def test_explicit_nulls_as_pyairbyte_writes_them_are_read():
    row = {"stream": "customers", "data": {"id": "1"}, "emitted_at": 1790000000, "meta": None}
    stream = {"stream_descriptor": {"name": "customers", "namespace": None}, "stream_state": None}
    state = {"type": "STREAM", "stream": stream, "global": None, "data": None}
    customers = StreamKey(None, "customers")
    assert parse({"type": "RECORD", "log": None, "state": None, "record": row}) == Record(7, customers, {"id": "1"})
    assert parse({"type": "STATE", "record": None, "state": state}).stream == customers


@pytest.mark.parametrize(
    ("given", "kind", "stream"),
    [
        (state("STREAM", {"stream_descriptor": {"name": "c", "namespace": "public"}})["state"], "STREAM", "public.c"),
        ({"type": "GLOBAL", "global": {"stream_states": []}}, "GLOBAL", "None"),
        *(({"data": {"cursor": 1}, **legacy}, "LEGACY", "None") for legacy in ({}, {"type": "LEGACY"}, {"type": None})),
    ],
)
def test_a_state_is_of_a_stream_or_global_and_without_a_kind_a_legacy_one(given, kind, stream):
    read = parse({"type": "STATE", "state": given})
    assert (read.line, read.kind, str(read.stream)) == (7, kind, stream)  # a stream is shown as Airbyte's pages do


def test_a_state_keeps_its_own_bytes_also_of_keys_that_nobody_knows():
    inner = b'{"type":"GLOBAL","id": 17,"global":{"x":1.50,  "y":12345678901234567890123},"later":[ ]}'
    read = parse_line(b'{"type": "STATE","state":' + inner + b', "trace_id" : "a\\u0062" }', 1)
    assert isinstance(read, protocol.State)
    assert exact_json.encode(read.state) == inner.replace(b'"id": 17', b'"id":17')
    assert bytes(read.message["state"]) == inner
    assert bytes(read.message["trace_id"]) == b'"a\\u0062"'


@pytest.mark.parametrize(
    "message",
    [
        *({**record(), "type": kind} for kind in ("LOG", "TRACE", "CONTROL", "CATALOG", "TOMORROWS_TYPE", None, 5)),
        *(status(CUSTOMERS, kind) for kind in ("STARTED", "RUNNING", "INCOMPLETE", "TOMORROWS", None)),
        {},
    ],
)
def test_what_a_destination_has_no_use_for_is_passed_over(message):
    assert parse(message) is None


@pytest.mark.parametrize("namespace", [None, "public"])
def test_a_stream_that_is_complete_is_known(namespace):
    message = status({"stream_descriptor": {"name": "customers", "namespace": namespace}})
    assert parse(message) == protocol.StreamComplete(7, StreamKey(namespace, "customers"))


def test_a_line_that_is_not_json_is_named_but_not_shown():
    with pytest.raises(ProtocolError) as caught:
        parse_line(b'{"type":"RECORD","record":{"stream":"customers","data":{"iban":"DE89', 7)
    said = str(caught.value)
    assert said.startswith("Line 7 of the input is not JSON: it ends too early. Nothing from this line on was written.")
    assert "DE89" not in said
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("message", "why"),
    [
        *((bare, "it is not an Airbyte message but a bare JSON value") for bare in ([1], "RECORD")),
        *(({"type": "RECORD", **more}, "it is of type RECORD but holds no record") for more in ({}, {"record": [1]})),
        *((record(stream=odd), "its record names no stream") for odd in (None, "", 5)),
        *(({"type": "STATE", **more}, "it is of type STATE but holds no state") for more in ({}, {"state": None})),
        *((state("STREAM", odd), NEITHER) for odd in (None, "customers", {"stream_descriptor": None})),
        (state("STREAM", {"stream_descriptor": ["customers"]}), NEITHER),
        (state("TOMORROW", CUSTOMERS), NEITHER),
        (status({}), "its status COMPLETE names no stream"),
    ],
)
def test_a_message_that_is_not_what_its_type_promises_is_named(message, why):
    with pytest.raises(ProtocolError, match=f"^Line 7 of the input breaks the Airbyte protocol: {why}. Nothing from"):
        parse(message)


def test_blank_lines_are_counted_and_messages_before_a_broken_line_given_first():
    row = exact_json.encode(record())
    messages = parse_messages(iter([b"", row, None, b"  \r", b'{"type":"LOG"}', row, b"{"]))
    assert [message and message.line for message in itertools.islice(messages, 3)] == [2, None, 5]
    with pytest.raises(ProtocolError, match=r"^Line 6 "):
        next(messages)


@pytest.mark.parametrize(
    "line",
    [
        b'{"record": {"data": {"n": 1.10}, "stream": "customers"}, "type": "RECORD"}',
        b'{"type": "STATE", "record": 7, "record": {"stream": "customers", "data": {"n": 1.10}}, "type": "RECORD"}',
        b'{"type": "RECORD", "record": {"stream": "customers", "data": {"n": 2, "n": 1.10}, "namespace": 7}}',
        b'{"type": "RECORD", "record": {"stream": "customers", "data": {"n": 1.10}, "at": 1e9999999999999999999}}',
        b'{"type": "RECORD", "record": {"stream": "customers", "data": {"n": 1.10}, "odd": {"a": ["\\ud83d"]}}}',
    ],
)
def test_a_record_is_read_alike_in_whatever_form_its_message_comes(line):
    read = parse_line(line, 7)
    assert isinstance(read, Record)
    assert (read.stream, read.unreadable) == (StreamKey(None, "customers"), ())
    assert str(read.data["n"]) == "1.10"


class Pipe:
    """A real pipe whose reading end is read as standard input is."""

    def __init__(self):
        self.reading, self.writing = os.pipe()
        self.stopped = False

    def lines(self):
        return protocol.read_lines(self.reading, lambda: self.stopped, tick_seconds=0.001)

    def write(self, data):
        os.write(self.writing, data)

    def end(self):
        os.close(self.writing)
        self.writing = None


@pytest.fixture
def pipe():
    pipe = Pipe()
    yield pipe
    os.close(pipe.reading)
    if pipe.writing is not None:
        pipe.end()


def test_a_silent_pipe_gives_nothing_again_and_again_until_reading_is_stopped(pipe):
    lines = pipe.lines()
    assert [next(lines), next(lines)] == [None, None]
    pipe.write(b"one\n")
    assert [next(lines), next(lines)] == [b"one", None]
    pipe.stopped = True
    assert list(lines) == []


def test_a_line_in_pieces_is_put_together_even_if_cut_within_a_character(pipe):
    lines = pipe.lines()
    first, second = "é".encode()[:1], "é".encode()[1:]
    pipe.write(b"caf" + first)
    assert next(lines) is None
    pipe.write(second + b"\n{")
    assert next(lines) == "café".encode()
    pipe.write(b"}\n")
    assert next(lines) == b"{}"


def test_a_last_line_without_its_newline_is_given_and_an_empty_input_ends_at_once(pipe):
    pipe.write(b"one\ntwo")
    pipe.end()
    assert list(pipe.lines()) == [b"one", b"two"]
    assert [line for line in pipe.lines() if line] == []


@pytest.mark.parametrize("chunk_bytes", [7, 16])
def test_no_line_is_lost_whatever_the_chunks(pipe, monkeypatch, chunk_bytes):
    monkeypatch.setattr("destination_sage_intacct.protocol.messages._CHUNK_BYTES", chunk_bytes)
    expected = [b"x" * length for length in (*range(40), 1000)]
    pipe.write(b"\n".join(expected) + b"\n")
    pipe.end()
    assert list(pipe.lines()) == [*expected, b""]


def test_reading_stops_between_two_lines_of_one_chunk(pipe):
    pipe.write(b"one\ntwo\nthree\n")
    lines = pipe.lines()
    assert next(lines) == b"one"
    pipe.stopped = True
    assert list(lines) == []


NULLED = {"field": "limit", "change": "NULLED", "reason": "SOURCE_FIELD_SIZE_LIMITATION"}


@pytest.mark.parametrize("meta", [{"changes": [NULLED]}, '{"changes":[' + exact_json.encode(NULLED).decode() + "]}"])
def test_a_change_of_a_value_is_read_from_the_meta_or_from_a_column_that_holds_its_json(meta):
    assert changes_in(meta) == (protocol.Change("limit", "SOURCE_FIELD_SIZE_LIMITATION"),)


@pytest.mark.parametrize("meta", [None, "", {}, "no JSON", {"changes": None}, {"changes": [{**NULLED, "change": "?"}]}])
def test_other_metas_hold_no_change(meta):
    assert changes_in(meta) == ()
