"""What files of rejected rows hold, when they are stored, and that their rows are recorded only then."""

import csv
import gzip
import io
from collections import Counter
from decimal import Decimal

import pytest
from fakes import FakeClock, in_threads, make_state
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct import exact_json
from destination_sage_intacct.protocol.ledger import Ledger, Outcome
from destination_sage_intacct.protocol.messages import Record, StreamKey
from destination_sage_intacct.rejected_rows import files
from destination_sage_intacct.rejected_rows.files import RejectedRowFiles, Storage, StreamFiles
from destination_sage_intacct.rejected_rows.formats import CsvLineWriter, FileFormat, JsonLineWriter, compressed
from destination_sage_intacct.rejected_rows.path_template import KeyFormat
from destination_sage_intacct.rejected_rows.store import StorageOutageError

A, B = StreamKey(None, "a"), StreamKey(None, "b")
KEYS = KeyFormat("rejected", "{sync_id}/{stream_name}", "{part_number}{format_extension}")
REASON = {"_airbyte_rejected_code": "bad"}


class Shelf:
    """An object store in memory, which may be out of order."""

    def __init__(self):
        self.files = {}
        self.is_out = False

    def put(self, key, content, content_type):
        del content_type
        if self.is_out:
            raise StorageOutageError("out")
        assert key not in self.files
        self.files[key] = content

    def try_out(self):
        """Find nothing wrong."""


class Storing:
    """Files of the streams a and b, with a ledger and what it releases."""

    def __init__(self, format=FileFormat(), **limits):  # noqa: A002, B008 - as `Storage` names it; it is frozen
        self.shelf, self.clock, self.released = Shelf(), FakeClock(), []
        self.ledger = Ledger([A, B], lambda state, kept, rejected: self.released.append((state.line, kept, rejected)))
        streams = {A: StreamFiles("42", ("id",)), B: StreamFiles("42", ())}
        self.storage = Storage(self.shelf, "bucket", KEYS, format, streams, **limits)
        self.files = RejectedRowFiles(self.storage, self.ledger.recorded, self.clock)

    def reject(self, stream=A, data=None):
        row = self.ledger.receive(Record(0, stream, data or {}))
        self.ledger.settle(row, Outcome.REJECTED, recorded=False)
        self.files.add(row, REASON)

    def state(self, stream=A, number=1):
        self.ledger.state(make_state(stream, number))

    @property
    def stored(self):
        """How many rows are stored in each file, in the order of the files."""
        texts = [content.decode() for content in self.shelf.files.values()]
        return [len(list(csv.DictReader(io.StringIO(text, newline="")))) for text in texts]


def test_a_state_goes_out_when_the_rows_before_it_are_stored_and_not_where_they_cannot_be():
    storing = Storing()
    storing.reject()
    storing.reject()
    storing.state()
    assert not storing.files.has_failed
    storing.shelf.is_out = True
    with pytest.raises(StorageOutageError):
        storing.files.store_all()
    assert storing.released == []
    assert (storing.files.unstored, storing.files.has_failed) == (2, True)

    storing.shelf.is_out = False
    storing.files.store_all()
    assert storing.released == [(1, 0, 2)]
    assert storing.stored == [2]


def test_a_row_waits_twenty_seconds_for_others_and_no_longer():
    storing = Storing()
    storing.reject()
    storing.clock.time += files.LONGEST_WAIT_SECONDS - 1
    storing.reject(B)
    storing.files.store_due()
    assert storing.stored == []

    storing.clock.time += 1
    storing.files.store_due()
    assert storing.stored == [1]
    assert "/42/a/" in next(iter(storing.shelf.files))


def test_a_full_file_is_stored_at_the_next_chance_and_not_before():
    storing = Storing(file_bytes=100)
    for _ in range(5):
        storing.reject(data={"text": "x" * 50})
    assert storing.stored == []
    storing.files.store_due()
    assert storing.stored == [2, 2]
    assert storing.files.unstored == 1


def test_all_files_together_keep_within_their_memory():
    storing = Storing(memory_bytes=300)
    for stream, size in ((A, 30), (A, 30), (B, 250)):
        storing.reject(stream, {"text": "x" * size})
    storing.files.store_due()
    assert [*storing.files.rows] == [B]
    assert storing.files.unstored == 2


def test_a_row_with_very_many_columns_of_its_own_does_not_widen_the_lines_before_it():
    storing = Storing(format=FileFormat(flattens=True))
    for number in range(2_000):
        storing.reject(data={"id": number})
    storing.reject(data={f"column {number}": number for number in range(1_000)})
    storing.reject(data={"id": 2_000})
    storing.files.store_all()

    assert storing.stored == [2_000, 2]
    assert max(len(content) for content in storing.shelf.files.values()) < 100_000


def test_a_silence_that_a_state_waits_in_stores_everything_at_once_a_few_times_in_a_while():
    storing = Storing()
    for _ in range(files.EARLY_STORES + 1):
        storing.files.store_due(is_silent=True)  # without rows a silence costs nothing
    for _ in range(files.EARLY_STORES + 1):
        storing.reject(A)
        storing.reject(B)
        storing.files.store_due(is_silent=True)
    assert storing.stored == [1, 1] * files.EARLY_STORES
    assert storing.files.unstored == 2

    storing.clock.time += files.EARLY_STORES_SECONDS
    storing.reject()
    storing.files.store_due(is_silent=True)
    assert storing.files.unstored == 0


def test_rows_of_many_threads_are_each_stored_once():
    storing = Storing(file_bytes=2_000)
    in_threads(*[lambda: [storing.reject() for _ in range(500)] for _ in range(4)])
    storing.state()
    storing.files.store_all()
    assert sum(storing.stored) == 2_000
    assert storing.released == [(1, 0, 2_000)]


def test_each_file_counts_on_over_all_streams():
    storing = Storing()
    for stream in (A, B, A):
        storing.reject(stream)
        storing.files.store_all()
    assert [key.rpartition("/")[2].split("_")[0] for key in storing.shelf.files] == ["1", "2", "3"]
    assert (storing.files.files, storing.files.rows) == (3, Counter({A: 2, B: 1}))


def test_a_sync_has_one_folder_unless_its_streams_are_of_several_jobs():
    streams = {A: StreamFiles("42", ()), B: StreamFiles("43", ())}
    assert Storing().storage.folder == "s3://bucket/rejected/42/"
    assert Storage(Shelf(), "bucket", KEYS, FileFormat(), streams).folder == "s3://bucket/rejected/"


OF_ROW_7 = {"_airbyte_rejected_code": "bad", "_airbyte_rejected_row": 7}


def written(*rows, columns=()):
    lines = CsvLineWriter({name: place for place, name in enumerate(columns)})
    for row in rows:
        lines.add(row)
    return lines.content().decode()


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        ((None, "", "plain"), ',"",plain'),
        (("a,b", 'say "x"', "two\nlines"), '"a,b","say ""x""","two\nlines"'),
        (("a\rb", " spaces ", True, False), '"a\rb"," spaces ",true,false'),
        ((7, Decimal("1.10"), 12345678901234567890123), "7,1.10,12345678901234567890123"),
        (({"a": Decimal("1.10")}, 1), '"{""a"":1.10}",1'),
    ],
)
def test_a_value_is_written_so_that_null_and_nothing_differ(values, cells):
    columns = [f"c{place}" for place in range(len(values))]
    assert written(dict(zip(columns, values, strict=True))) == f"{','.join(columns)}\n{cells}\n"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=4))
def test_any_text_comes_back_from_csv(texts):
    text = written({f"c{place}": each for place, each in enumerate(texts)})
    (row,) = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    assert list(row.values()) == texts


def test_a_column_that_comes_late_is_the_last_and_empty_before():
    text = written({"a": 1}, {"b, c": 2, "a": 3}, {"d": None}, columns=("a", "never"))
    assert text == 'a,never,"b, c",d\n1,,,\n3,,2,\n,,,\n'


def test_the_bytes_of_a_line_are_counted_with_the_commas_that_late_columns_add_to_earlier_lines():
    lines = CsvLineWriter({"a": 0})
    assert len("a\n") + lines.add({"a": "é"}) + lines.add({"a": None}) == len(lines.content())
    before = len(lines.content())
    late = {"a": 3, "b": 4, "c": 5}
    assert (lines.padding(late), len(lines.content())) == (4, before)
    assert before + lines.padding(late) + lines.add(late) + len(",b,c") == len(lines.content())


def test_json_lines_keep_every_digit_and_count_their_bytes():
    lines = JsonLineWriter()
    counted = lines.add({"a": "é"}) + lines.add(OF_ROW_7 | {"amount": Decimal("9999999999999.990")})
    assert counted == len(lines.content())
    assert lines.content().endswith(b'"_airbyte_rejected_row":7,"amount":9999999999999.990}\n')
    assert lines.padding({"new": 1}) == 0


@pytest.mark.parametrize("data", [{"a": [1], "b": None}, [1, 2], "text", None, 5])
def test_whatever_came_as_a_row_is_kept_and_is_json_in_csv(data):
    flat = data if isinstance(data, dict) else {"_airbyte_data": data}
    assert FileFormat("jsonl").columns(OF_ROW_7, data) == OF_ROW_7 | {"_airbyte_data": data}
    assert FileFormat("jsonl", flattens=True).columns(OF_ROW_7, data) == OF_ROW_7 | flat
    assert exact_json.decode(FileFormat("csv").columns(OF_ROW_7, data)["_airbyte_data"].encode()) == data


def test_in_csv_nested_values_are_json_and_the_reason_of_an_earlier_rejection_gives_way():
    stored = {"_airbyte_rejected_code": "older", "_airbyte_rejected_row": "1", "a": [1], "b": None}
    assert FileFormat("csv", flattens=True).columns(OF_ROW_7, stored) == OF_ROW_7 | {"a": "[1]", "b": None}


def test_compressed_content_comes_back_and_is_the_same_each_time():
    assert gzip.decompress(compressed(b"content")) == b"content"
    assert compressed(b"content") == compressed(b"content")
    types = [FileFormat(kind, compresses=zipped).content_type for kind, zipped in (("csv", True), ("jsonl", False))]
    assert types == ["application/gzip", "application/x-ndjson"]
