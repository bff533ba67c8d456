import csv
import gzip
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct import exact_json
from destination_sage_intacct.rejected_rows.formats import CsvLineWriter, FileFormat, JsonLineWriter, compressed

REASON = {"_airbyte_rejected_code": "bad", "_airbyte_rejected_row": 7}


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
    counted = lines.add({"a": "é"}) + lines.add(REASON | {"amount": Decimal("9999999999999.990")})
    assert counted == len(lines.content())
    assert lines.content().endswith(b'"_airbyte_rejected_row":7,"amount":9999999999999.990}\n')
    assert lines.padding({"new": 1}) == 0


ROWS = pytest.mark.parametrize("data", [{"a": [1], "b": None}, [1, 2], "text", None, 5])


@ROWS
def test_whatever_came_as_a_row_is_kept(data):
    assert FileFormat("jsonl").columns(REASON, data) == REASON | {"_airbyte_data": data}
    flat = data if isinstance(data, dict) else {"_airbyte_data": data}
    assert FileFormat("jsonl", flattens=True).columns(REASON, data) == REASON | flat


@ROWS
def test_in_csv_a_row_is_json(data):
    columns = FileFormat("csv").columns(REASON, data)
    assert exact_json.decode(columns["_airbyte_data"].encode()) == data


def test_in_csv_nested_values_are_json_and_the_reason_of_an_earlier_rejection_gives_way():
    stored = {"_airbyte_rejected_code": "older", "_airbyte_rejected_row": "1", "a": [1], "b": None}
    assert FileFormat("csv", flattens=True).columns(REASON, stored) == REASON | {"a": "[1]", "b": None}


@pytest.mark.parametrize(
    ("kind", "compresses", "extension", "content_type"),
    [
        ("csv", False, ".csv", "text/csv; charset=utf-8"),
        ("csv", True, ".csv.gz", "application/gzip"),
        ("jsonl", False, ".jsonl", "application/x-ndjson"),
        ("jsonl", True, ".jsonl.gz", "application/gzip"),
    ],
)
def test_a_file_says_what_it_holds(kind, compresses, extension, content_type):
    chosen = FileFormat(kind, compresses=compresses)
    assert (chosen.extension, chosen.content_type) == (extension, content_type)


def test_compressed_content_comes_back_and_is_the_same_each_time():
    assert gzip.decompress(compressed(b"content")) == b"content"
    assert compressed(b"content") == compressed(b"content")
