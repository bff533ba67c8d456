import pytest

from destination_sage_intacct import exact_json
from destination_sage_intacct.protocol.messages import (
    ProtocolError,
    Record,
    State,
    StreamComplete,
    StreamKey,
    parse_line,
    parse_messages,
)

NOT_JSON = (
    "Line 7 of the input is not JSON: {reason}. Nothing from this line on was written. "
    "The source or the platform produced a broken line; run the sync again, and if the line stays "
    "broken, report it to the maker of the source."
)
MALFORMED = (
    "Line 7 of the input breaks the Airbyte protocol: {why}. Nothing from this line on was written. "
    "Report it to the maker of the source."
)


NEITHER = "its state is neither of a stream nor global"


def state(kind, stream):
    return {"type": "STATE", "state": {"type": kind, "stream": stream}}


def parse(message):
    return parse_line(exact_json.encode(message), 7)


def test_a_record_is_read_with_its_exact_numbers_and_its_line():
    line = b'{"type":"RECORD","record":{"stream":"customers","namespace":"public","data":{"limit":68400.00}}}'

    record = parse_line(line, 7)

    assert isinstance(record, Record)
    assert (record.line, record.stream) == (7, StreamKey("public", "customers"))
    assert exact_json.encode(record.data) == b'{"limit":68400.00}'


@pytest.mark.parametrize("namespace", [{}, {"namespace": None}, {"namespace": ""}])
def test_a_namespace_that_is_null_or_empty_is_none(namespace):
    record = parse({"type": "RECORD", "record": {"stream": "customers", "data": {}, **namespace}})

    assert record == Record(7, StreamKey(None, "customers"), {})


@pytest.mark.parametrize("data", [None, [1], "text"])
def test_data_that_is_no_object_is_passed_on_for_the_row_to_be_rejected(data):
    assert parse({"type": "RECORD", "record": {"stream": "customers", "data": data}}).data == data


def test_explicit_nulls_as_pyairbyte_writes_them_are_read():
    record = {"stream": "customers", "data": {"id": "1"}, "emitted_at": 1790000000, "meta": None}
    stream = {"stream_descriptor": {"name": "customers", "namespace": None}, "stream_state": None}
    state = {"type": "STREAM", "stream": stream, "global": None, "data": None}
    customers = StreamKey(None, "customers")

    assert parse({"type": "RECORD", "log": None, "state": None, "record": record}) == Record(7, customers, {"id": "1"})
    assert parse({"type": "STATE", "record": None, "state": state}).stream == customers


def test_a_stream_state_is_read_with_its_stream():
    descriptor = {"name": "customers", "namespace": "public"}
    state = parse({"type": "STATE", "state": {"type": "STREAM", "stream": {"stream_descriptor": descriptor}}})

    assert (state.line, state.kind, state.stream) == (7, "STREAM", StreamKey("public", "customers"))


def test_a_global_state_covers_every_stream():
    state = parse({"type": "STATE", "state": {"type": "GLOBAL", "global": {"stream_states": []}}})

    assert (state.kind, state.stream) == ("GLOBAL", None)


@pytest.mark.parametrize("kind", [{}, {"type": "LEGACY"}, {"type": None}])
def test_a_state_without_a_kind_is_a_legacy_one(kind):
    state = parse({"type": "STATE", "state": {"data": {"cursor": 1}, **kind}})

    assert (state.kind, state.stream) == ("LEGACY", None)


def test_a_state_keeps_its_own_bytes_also_of_keys_that_nobody_knows():
    inner = b'{"type":"GLOBAL","id": 17,"global":{"x":1.50,  "y":12345678901234567890123},"later":[ ]}'
    state = parse_line(b'{"type": "STATE","state":' + inner + b', "trace_id" : "a\\u0062" }', 1)

    assert isinstance(state, State)
    assert exact_json.encode(state.state) == (
        b'{"type":"GLOBAL","id":17,"global":{"x":1.50,  "y":12345678901234567890123},"later":[ ]}'
    )
    assert bytes(state.message["state"]) == inner
    assert bytes(state.message["trace_id"]) == b'"a\\u0062"'


@pytest.mark.parametrize("kind", ["LOG", "TRACE", "CONTROL", "SPEC", "CATALOG", "TOMORROWS_TYPE", None, 5])
def test_a_type_that_a_destination_has_no_use_for_is_passed_over(kind):
    assert parse({"type": kind, "record": {"stream": "customers"}}) is None


@pytest.mark.parametrize("namespace", [None, "public"])
def test_a_stream_that_is_complete_is_told(namespace):
    status = {"stream_descriptor": {"name": "customers", "namespace": namespace}, "status": "COMPLETE"}

    assert parse({"type": "TRACE", "trace": {"type": "STREAM_STATUS", "stream_status": status}}) == StreamComplete(
        7, StreamKey(namespace, "customers")
    )


@pytest.mark.parametrize("status", ["STARTED", "RUNNING", "INCOMPLETE", "TOMORROWS", None])
def test_any_other_status_of_a_stream_is_passed_over(status):
    told = {"stream_descriptor": {"name": "customers"}, "status": status}

    assert parse({"type": "TRACE", "trace": {"type": "STREAM_STATUS", "stream_status": told}}) is None


def test_a_message_without_a_type_is_passed_over():
    assert parse({}) is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"type":"RECORD","record":{"stream":"customers","data":{"iban":"DE89', "it ends too early"),
        (b'{"type":"RECORD","record":{"stream":"customers","data":{"iban":"DE89",}}}', "it is malformed"),
        (b'{"type":"RECORD","record":{"stream":"\xff","data":{"iban":"DE89"}}}', "it is not UTF-8"),
    ],
)
def test_a_line_that_is_not_json_is_named_but_not_shown(line, reason):
    with pytest.raises(ProtocolError) as caught:
        parse_line(line, 7)

    assert str(caught.value) == NOT_JSON.format(reason=reason)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ([1], "it is not an Airbyte message but a bare JSON value"),
        ("RECORD", "it is not an Airbyte message but a bare JSON value"),
        ({"type": "RECORD"}, "it is of type RECORD but holds no record"),
        ({"type": "RECORD", "record": [1]}, "it is of type RECORD but holds no record"),
        ({"type": "RECORD", "record": {"data": {}}}, "its record names no stream"),
        ({"type": "RECORD", "record": {"stream": "", "data": {}}}, "its record names no stream"),
        ({"type": "RECORD", "record": {"stream": 5, "data": {}}}, "its record names no stream"),
        ({"type": "STATE"}, "it is of type STATE but holds no state"),
        ({"type": "STATE", "state": None}, "it is of type STATE but holds no state"),
        ({"type": "STATE", "state": {"type": "STREAM"}}, NEITHER),
        (state("STREAM", {"stream_descriptor": None}), NEITHER),
        (state("STREAM", "customers"), NEITHER),
        (state("STREAM", {"stream_descriptor": ["customers"]}), NEITHER),
        (state("TOMORROW", {"stream_descriptor": {"name": "customers"}}), NEITHER),
        (
            {"type": "TRACE", "trace": {"type": "STREAM_STATUS", "stream_status": {"status": "COMPLETE"}}},
            "its status COMPLETE names no stream",
        ),
    ],
)
def test_a_message_that_is_not_what_its_type_promises_is_named(message, why):
    with pytest.raises(ProtocolError) as caught:
        parse(message)

    assert str(caught.value) == MALFORMED.format(why=why)


def test_blank_lines_are_counted_and_passed_over_and_silence_is_told():
    record = b'{"type":"RECORD","record":{"stream":"customers","data":{}}}'
    lines = iter([b"", record, None, b"  \r", b'{"type":"LOG"}', record])

    messages = list(parse_messages(lines))

    assert [message and message.line for message in messages] == [2, None, 5]


def test_messages_before_a_broken_line_are_given_first():
    record = b'{"type":"RECORD","record":{"stream":"customers","data":{}}}'
    messages = parse_messages(iter([record, b"{"]))

    assert next(messages).line == 1
    with pytest.raises(ProtocolError, match=r"^Line 2 "):
        next(messages)


@pytest.mark.parametrize(
    ("key", "text"), [(StreamKey(None, "customers"), "customers"), (StreamKey("public", "c"), "public.c")]
)
def test_a_stream_is_written_as_airbytes_pages_show_it(key, text):
    assert str(key) == text


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
