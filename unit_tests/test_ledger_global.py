"""A GLOBAL state waits for every row before it, and counts those of the streams that it lists."""

import json

import pytest

from destination_sage_intacct.protocol.ledger import Ledger, Outcome, Row
from destination_sage_intacct.protocol.messages import Record, State, StreamKey, parse_line

A, B = StreamKey(None, "a"), StreamKey("public", "b")
BOTH = (A, B)


class Books:
    """A ledger, and what it released: (line of the STATE, rows not rejected, rows rejected)."""

    def __init__(self) -> None:
        self.released: list[tuple[int, int, int]] = []
        self.ledger = Ledger(
            BOTH, lambda state, records, rejected: self.released.append((state.line, records, rejected))
        )

    def row(self, stream: StreamKey) -> Row:
        return self.ledger.receive(Record(0, stream, {}))


def shared(number: int, *streams: StreamKey) -> State:
    """Return a GLOBAL state that lists these streams, as it is parsed."""
    listed = [{"stream_descriptor": {"name": each.name, "namespace": each.namespace}} for each in streams]
    return parsed({"type": "GLOBAL", "global": {"shared_state": {}, "stream_states": listed}}, number)


def parsed(state, number: int) -> State:
    message = parse_line(json.dumps({"type": "STATE", "state": state}).encode(), number)
    assert isinstance(message, State)
    return message


def test_it_counts_the_streams_that_it_lists():
    books = Books()
    for stream in (A, B, B):
        books.ledger.settle(books.row(stream), Outcome.CREATED)

    books.ledger.state(shared(1, *BOTH))

    assert books.released == [(1, 3, 0)]


def test_rows_of_another_stream_are_counted_by_the_next_that_lists_it():
    books = Books()
    books.ledger.settle(books.row(A), Outcome.CREATED)
    books.ledger.settle(books.row(B), Outcome.CREATED)
    books.ledger.state(shared(1, A))
    books.ledger.settle(books.row(B), Outcome.REJECTED)
    books.ledger.state(shared(2, A))
    books.ledger.settle(books.row(B), Outcome.UPDATED)
    books.ledger.state(shared(3, B))
    books.ledger.state(shared(4, *BOTH))

    assert books.released == [(1, 1, 0), (2, 0, 0), (3, 2, 1), (4, 0, 0)]


def test_it_waits_for_the_rows_of_every_stream():
    books = Books()
    waiting = books.row(B)
    books.ledger.state(shared(1, A))
    assert books.released == []

    books.ledger.settle(waiting, Outcome.CREATED)

    assert books.released == [(1, 0, 0)]


@pytest.mark.parametrize("unread", [None, {}, {"stream_states": None}, {"stream_states": {}}, "text"])
def test_it_counts_every_stream_where_its_list_cannot_be_read(unread):
    books = Books()
    books.ledger.settle(books.row(B), Outcome.CREATED)

    books.ledger.state(parsed({"type": "GLOBAL", "global": unread}, 1))

    assert books.released == [(1, 1, 0)]


def test_what_names_no_stream_in_its_list_is_passed_over():
    books = Books()
    books.ledger.settle(books.row(A), Outcome.CREATED)
    listed = [None, {}, {"stream_descriptor": {"name": ""}}, {"stream_descriptor": {"name": "a", "namespace": ""}}]

    books.ledger.state(parsed({"type": "GLOBAL", "global": {"stream_states": listed}}, 1))

    assert books.released == [(1, 1, 0)]


def own(number: int, stream: StreamKey) -> State:
    """Return a STATE of one stream, as it is parsed."""
    descriptor = {"name": stream.name, "namespace": stream.namespace}
    return parsed({"type": "STREAM", "stream": {"stream_descriptor": descriptor}}, number)


@pytest.mark.parametrize("last", [A, B])
def test_states_of_both_kinds_do_not_wait_for_the_end_of_the_sync(last: StreamKey):
    books = Books()
    rows = [books.row(A)]
    books.ledger.state(own(1, A))
    rows += [books.row(A), books.row(B)]
    books.ledger.state(shared(2, *BOTH))
    rows.append(books.row(A))
    books.ledger.state(own(3, A))

    for row in sorted(rows, key=lambda row: row.stream == last):
        books.ledger.settle(row, Outcome.CREATED)

    assert [line for line, *_ in books.released] == [1, 2, 3]
