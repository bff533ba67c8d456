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
FLAT_CSV = FileFormat("csv", flattens=True)


def written(*rows, columns=()):
    lines = CsvLineWriter({name: place for place, name in enumerate(columns)})
    for row in rows:
        lines.add(row)
    return lines.content().decode()


def read(text):
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        ("", '""'),
        ("plain", "plain"),
        ("a,b", '"a,b"'),
        ('say "x"', '"say ""x"""'),
        ("two\nlines", '"two\nlines"'),
        ("a\rb", '"a\rb"'),
        (" spaces ", '" spaces "'),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (Decimal("1.10"), "1.10"),
        (12345678901234567890123, "12345678901234567890123"),
        ({"a": Decimal("1.10")}, '"{""a"":1.10}"'),
    ],
)
def test_a_value_is_written_so_that_null_and_nothing_differ(value, cell):
    assert written({"v": value, "w": 1}) == f"v,w\n{cell},1\n"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=4))
def test_any_text_comes_back_from_csv(texts):
    columns = [f"c{place}" for place in range(len(texts))]

    (row,) = read(written(dict(zip(columns, texts, strict=True))))

    assert list(row.values()) == texts


def test_a_column_that_comes_late_is_the_last_and_empty_before():
    text = written({"a": 1}, {"b, c": 2, "a": 3}, {"d": None}, columns=("a", "never"))

    assert text == 'a,never,"b, c",d\n1,,,\n3,,2,\n,,,\n'


def test_the_commas_that_late_columns_add_to_earlier_lines_are_told():
    csv_lines, json_lines = CsvLineWriter({"a": 0}), JsonLineWriter()
    for lines in (csv_lines, json_lines):
        lines.add({"a": 1})
        lines.add({"a": 2})
    before = len(csv_lines.content())
    late = {"a": 3, "b": 4, "c": 5}

    assert (csv_lines.padding(late), json_lines.padding(late)) == (4, 0)
    assert len(csv_lines.content()) == before
    assert len(csv_lines.content()) + csv_lines.padding(late) + csv_lines.add(late) + len(",b,c") == len(
        csv_lines.content()
    )


def test_the_bytes_that_are_told_are_those_of_the_file():
    for lines in (JsonLineWriter(), CsvLineWriter({"a": 0})):
        header = 2 if isinstance(lines, CsvLineWriter) else 0
        told = lines.add({"a": "é"}) + lines.add({"a": None})

        assert len(lines.content()) == told + header


def test_json_lines_keep_every_digit():
    lines = JsonLineWriter()
    lines.add(REASON | {"amount": Decimal("9999999999999.990")})

    assert lines.content().endswith(b'"_airbyte_rejected_row":7,"amount":9999999999999.990}\n')


@pytest.mark.parametrize("data", [{"a": [1], "b": None}, [1, 2], "text", None, 5])
@pytest.mark.parametrize("flattens", [False, True])
def test_whatever_came_as_a_row_is_kept(data, flattens):
    told = FileFormat("jsonl", flattens=flattens).columns(REASON, data)

    if flattens and isinstance(data, dict):
        assert told == REASON | data
    else:
        assert told == REASON | {"_airbyte_data": data}


@pytest.mark.parametrize("data", [{"a": [1], "b": None}, [1, 2], "text", None, 5])
def test_in_csv_a_row_is_json_and_so_are_its_nested_values(data):
    whole = FileFormat("csv").columns(REASON, data)

    assert exact_json.decode(whole["_airbyte_data"].encode()) == data
    if isinstance(data, dict):
        assert FLAT_CSV.columns(REASON, data) == REASON | {"a": "[1]", "b": None}


def test_the_reason_of_an_earlier_rejection_gives_way():
    stored = {"_airbyte_rejected_code": "older", "_airbyte_rejected_row": "1", "id": "C-1"}

    assert FLAT_CSV.columns(REASON, stored) == REASON | {"id": "C-1"}


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
