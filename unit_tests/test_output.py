import io
import json
import logging
import os
import sys
import threading
from urllib.parse import quote, quote_plus

import pytest
from fakes import in_threads
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.protocol.messages import StreamKey, parse_line
from destination_sage_intacct.protocol.output import LogHandler, Output

ODD = "p+ss/w rd&"
FORMS = (quote(ODD, ""), quote_plus(ODD), ODD)


class CountingStream:
    """A pipe as the platform sees it: nothing is there before it is flushed."""

    def __init__(self):
        self.buffered = b""
        self.arrived = b""
        self.flushes = 0

    def write(self, data):
        self.buffered += data
        return len(data)

    def flush(self):
        self.flushes += 1
        self.arrived += self.buffered
        self.buffered = b""

    @property
    def messages(self):
        return [json.loads(line) for line in self.arrived.splitlines()]


@pytest.fixture
def stream():
    return CountingStream()


@pytest.fixture
def output(stream):
    return Output(stream)


def test_every_message_arrives_at_once_on_a_line_of_its_own_in_the_shape_of_the_protocol(output, stream):
    for number, say in enumerate(
        [
            lambda: output.log("WARN", "one\ntwo"),
            lambda: output.spec({"connectionSpecification": {"type": "object"}}),
            lambda: output.connection_status("wrong key"),
            lambda: output.connection_status(None),
            lambda: output.destination_catalog([{"object_name": "Customer"}]),
            lambda: output.configuration({}),
            lambda: output.error("text", "config_error", "internal", None),
            lambda: output.state(parse_line(b'{"type":"STATE","state":{"type":"GLOBAL"}}', 1), 1, 0),
        ],
        start=1,
    ):
        say()
        assert (stream.flushes, stream.arrived.count(b"\n")) == (number, number)
    assert stream.messages[:5] == [
        {"type": "LOG", "log": {"level": "WARN", "message": "one\ntwo"}},
        {"type": "SPEC", "spec": {"connectionSpecification": {"type": "object"}}},
        {"type": "CONNECTION_STATUS", "connectionStatus": {"status": "FAILED", "message": "wrong key"}},
        {"type": "CONNECTION_STATUS", "connectionStatus": {"status": "SUCCEEDED"}},
        {"type": "DESTINATION_CATALOG", "destination_catalog": {"operations": [{"object_name": "Customer"}]}},
    ]


def test_an_error_names_its_type_its_time_and_its_stream(output, stream):
    output.error("no such field", "config_error", "ConfigError", StreamKey(None, "customers"))
    output.error("no answer", "transient_error", "OutageError", None)

    first, second = (message["trace"] for message in stream.messages)
    assert stream.messages[0]["type"] == "TRACE"
    assert first["type"] == "ERROR"
    assert first["emitted_at"] > 1_600_000_000_000
    named = {"stream_descriptor": {"name": "customers", "namespace": None}}
    error = {"message": "no such field", "internal_message": "ConfigError", "failure_type": "config_error"}
    assert first["error"] == error | named
    error = {"message": "no answer", "internal_message": "OutageError", "failure_type": "transient_error"}
    assert second["error"] == error


def test_a_state_goes_out_verbatim_with_its_own_counts_as_floats(output, stream):
    head = b'{"type":"STATE","more":[1.0],"state":{"type":"STREAM","id":17,'
    inner = b'"stream":{"stream_descriptor":{"name":"c"}, "stream_state":{"at":1.50}}'
    theirs = b',"destinationStats":{"recordCount":9.0}'
    ours = b',"destinationStats":{"recordCount":5.0,"rejectedRecordCount":2.0}'
    for came in (b"", theirs):  # counts that came with a state are replaced by ours
        output.state(parse_line(head + inner + came + b"}}", 1), records=5, rejected=2)
    assert stream.arrived == (head + inner + ours + b"}}\n") * 2


def test_a_secret_is_masked_in_every_message_that_a_person_reads(output, stream):
    output.hide(["demo-secret"])
    output.log("INFO", "sent demo-secret")
    output.connection_status("demo-secret is wrong")
    output.error("demo-secret", "config_error", "at demo-secret", None)
    assert b"demo-secret" not in stream.arrived
    assert stream.messages[0]["log"]["message"] == "sent ****"


@pytest.mark.parametrize(
    ("secrets", "text", "masked"),
    [
        *(([ODD], f"POST token?secret={form}.", "POST token?secret=****.") for form in FORMS),
        # One that contains another is masked whole; one stays masked when others are added.
        (["token", "token-of-the-user", "user"], "token-of-the-user, token, user", "****, ****, ****"),
        (["first-secret", "second-secret"], "first-secret second-secret", "**** ****"),
        # One too short to be a secret leaves the words alone.
        *(([short], "a cab", "a cab") for short in ("", "a", "ab")),
    ],
)
def test_a_secret_is_masked_in_each_of_its_forms(output, secrets, text, masked):
    for secret in secrets:
        output.hide([secret])
    assert output.masked(text) == masked


@given(st.lists(st.text(min_size=3), min_size=1, max_size=5), st.text())
def test_no_secret_is_ever_readable(secrets, around):
    output = Output(CountingStream())
    output.hide(secrets)
    masked = output.masked(around + around.join(secrets) + around)
    assert not [secret for secret in secrets if secret in masked and set(secret) != {"*"}]


class ByteByByte(CountingStream):
    """Gives other threads a chance within every line."""

    def write(self, data):
        for byte in data:
            super().write(bytes([byte]))
        return len(data)


def test_lines_of_many_threads_never_mix():
    before, stream = sys.getswitchinterval(), ByteByByte()
    output = Output(stream)
    texts = [f"{number}" * 20 for number in range(8)]
    sys.setswitchinterval(1e-6)
    try:
        in_threads(*[lambda text=text: [output.log("INFO", text) for _ in range(10)] for text in texts])
    finally:
        sys.setswitchinterval(before)
    assert sorted(message["log"]["message"] for message in stream.messages) == sorted(texts * 10)


def test_what_libraries_log_is_masked_and_keeps_to_its_line(output, stream, monkeypatch):
    output.hide(["demo-secret"])
    logger = logging.getLogger("botocore.endpoint")
    monkeypatch.setattr(logger, "handlers", [LogHandler(output)])
    monkeypatch.setattr(logger, "propagate", False)

    logger.warning("retrying %s\nfor %d", "demo-secret", 5)
    logger.error("gave up")
    logger.critical("broke")
    logger.info("nobody wants to know")

    assert [(message["log"]["level"], message["log"]["message"]) for message in stream.messages] == [
        ("WARN", "botocore.endpoint: retrying ****\nfor 5"),
        ("ERROR", "botocore.endpoint: gave up"),
        ("ERROR", "botocore.endpoint: broke"),
    ]


class UnwillingPipe(io.RawIOBase):
    """A pipe that does not block: it takes what fits, and nothing while it is full."""

    def __init__(self, *taken):
        self.arrived = b""
        self._taken = list(taken)
        self._reading, self._writing = os.pipe()

    def fileno(self):
        return self._writing

    def writable(self):
        return True

    def write(self, data):
        taken = self._taken.pop(0) if self._taken else len(data)
        self.arrived += bytes(data[:taken])
        return taken or None

    def close(self):
        if not self.closed:
            super().close()
            os.close(self._reading)
            os.close(self._writing)


@pytest.mark.parametrize("taken", [(), (1,), (0, 3, 0, 0, 5), (1,) * 40])
@pytest.mark.parametrize("buffered", [False, True])
def test_a_line_is_written_whole_however_little_of_it_is_taken_at_once(taken, buffered):
    pipe = UnwillingPipe(*taken)
    output = Output(io.BufferedWriter(pipe) if buffered else pipe)
    output.log("INFO", "one")
    output.log("INFO", "two")
    assert [json.loads(line)["log"]["message"] for line in pipe.arrived.splitlines()] == ["one", "two"]


def test_lines_that_belong_together_are_one_write_that_nothing_interrupts():
    pipe, writes = UnwillingPipe(), []
    pipe.write = lambda data: writes.append(bytes(data)) or len(data)
    output = Output(pipe)
    other = threading.Thread(target=output.log, args=("INFO", "of another thread"))
    with output.together():
        output.log("INFO", "one")
        other.start()
        output.log("INFO", "two")
    other.join()
    assert [len(write.splitlines()) for write in writes] == [2, 1]


def test_a_pipe_takes_lines_that_belong_together_at_once_though_they_are_larger_than_usual():
    reading, writing = os.pipe()
    os.set_blocking(reading, False)

    def two_large_lines(output):
        with output.together():
            output.log("INFO", "x" * 200_000)
            output.log("INFO", "y" * 200_000)

    with io.FileIO(writing, "w") as stream:
        done = threading.Thread(target=two_large_lines, args=(Output(stream),), daemon=True)
        done.start()
        done.join(5)
        assert not done.is_alive()  # although nobody has read
        assert len(os.read(reading, 1 << 20)) > 400_000
    os.close(reading)


def test_half_a_character_goes_out_escaped(stream):
    output = Output(stream)
    output.hide(["secret\ud800"])
    output.log("WARN", "a\ud83d secret\ud800 b")
    output.configuration({"\udfff": ["\ud800"]})
    assert stream.messages[0]["log"]["message"] == "a\\ud83d **** b"
    assert stream.messages[1]["control"]["connectorConfig"]["config"] == {"\\udfff": ["\\ud800"]}
