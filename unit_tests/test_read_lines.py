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


def test_a_silent_pipe_is_told_of_again_and_again_until_reading_is_stopped(pipe):
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
