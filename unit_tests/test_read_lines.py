import os

import pytest

from destination_sage_intacct.protocol.messages import read_lines


class Pipe:
    """A real pipe whose reading end is read as standard input is."""

    def __init__(self):
        self.reading, self.writing = os.pipe()
        self.stopped = False

    def lines(self):
        return read_lines(self.reading, lambda: self.stopped, tick_seconds=0.001)

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


def test_a_silent_pipe_is_told_of_again_and_again(pipe):
    lines = pipe.lines()

    assert [next(lines), next(lines)] == [None, None]
    pipe.write(b"one\n")
    assert next(lines) == b"one"
    assert next(lines) is None


def test_a_line_in_pieces_is_put_together(pipe):
    lines = pipe.lines()

    pipe.write(b'{"type"')
    assert next(lines) is None
    pipe.write(b':"LOG"}\n{"ty')
    assert next(lines) == b'{"type":"LOG"}'
    pipe.write(b'pe":"TRACE"}\n')
    assert next(lines) == b'{"type":"TRACE"}'


def test_a_character_cut_in_two_bytes_survives(pipe):
    lines = pipe.lines()
    first, second = "é".encode()[:1], "é".encode()[1:]

    pipe.write(b"caf" + first)
    assert next(lines) is None
    pipe.write(second + b"\n")
    assert next(lines) == "café".encode()


def test_a_last_line_without_its_newline_is_given(pipe):
    pipe.write(b"one\ntwo")
    pipe.end()

    assert list(pipe.lines()) == [b"one", b"two"]


def test_an_empty_input_ends_at_once(pipe):
    pipe.end()

    assert [line for line in pipe.lines() if line] == []


def test_no_line_is_lost_whatever_the_chunks(pipe, monkeypatch):
    monkeypatch.setattr("destination_sage_intacct.protocol.messages._CHUNK_BYTES", 7)
    expected = [b"x" * length for length in range(40)]
    pipe.write(b"\n".join(expected) + b"\n")
    pipe.end()

    *given, rest = pipe.lines()

    assert given == expected
    assert rest == b""


def test_a_line_larger_than_a_chunk_is_whole(pipe, monkeypatch):
    monkeypatch.setattr("destination_sage_intacct.protocol.messages._CHUNK_BYTES", 16)
    pipe.write(b"y" * 1000 + b"\n")

    assert next(line for line in pipe.lines() if line is not None) == b"y" * 1000


def test_reading_stops_between_two_lines_of_one_chunk(pipe):
    pipe.write(b"one\ntwo\nthree\n")
    lines = pipe.lines()

    assert next(lines) == b"one"
    pipe.stopped = True
    assert list(lines) == []


def test_reading_stops_while_nothing_comes(pipe):
    lines = pipe.lines()
    assert next(lines) is None

    pipe.stopped = True

    assert list(lines) == []
