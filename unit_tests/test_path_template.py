import re
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.rejected_rows import path_template
from destination_sage_intacct.rejected_rows.path_template import KeyFormat, PlaceholderValues, unknown_placeholders

PATH = "{sync_id}/{namespace}/{stream_name}/"
NAME = "{date}_{timestamp}_{part_number}{format_extension}"
AT = datetime(2026, 1, 31, 7, 8, 9, 12_345, UTC)
MILLIS, MICROS = "1769843289012", "1769843289012345"


def facts(namespace="crm", name="customers", sync_id="42", part=3):
    return PlaceholderValues(StreamKey(namespace, name), sync_id, AT, part, "u-1", ".csv.gz")


def key(path=PATH, name=NAME, bucket_path="rejected", **changes):
    return KeyFormat(bucket_path, path, name).key(facts(**changes))


@pytest.mark.parametrize(
    ("formats", "changes", "folder"),
    [
        ({}, {}, "rejected/42/crm/customers/"),  # the default formats are those of Airbyte
        # A part that is missing leaves no empty folder.
        ({}, {"namespace": None, "sync_id": None}, "rejected/customers/"),
        ({"bucket_path": ""}, {}, "42/crm/customers/"),
        ({"bucket_path": "/a//b/", "path": "//"}, {}, "a/b/"),
    ],
)
def test_a_file_is_named_by_its_formats(formats, changes, folder):
    assert key(**formats, **changes) == f"{folder}2026_01_31_{MILLIS}_3.csv.gz"


@pytest.mark.parametrize(
    ("placeholder", "value"),
    [
        *(("{namespace}", "crm"), ("{stream_name}", "customers"), ("${STREAM_NAME}", "customers"), ("{sync_id}", "42")),
        *(("{date}", "2026_01_31"), ("{date:yyyy_MM}", "2026_01")),
        ("{date:yy-MM-dd HH.mm.ss,SSS}", "26-01-31 07.08.09,012"),
        *((millis, MILLIS) for millis in ("{timestamp}", "{timestamp:millis}", "{epoch}")),
        ("{timestamp:micros}", MICROS),
        *(("{year}", "2026"), ("{month}", "01"), ("{day}", "31")),
        *(("{hour}", "07"), ("{minute}", "08"), ("{second}", "09"), ("{millisecond}", "012")),
        *(("{uuid}", "u-1"), ("{part_number}", "3"), ("{format_extension}", ".csv.gz")),
    ],
)
def test_each_placeholder_stands_for_its_value(placeholder, value):
    assert unknown_placeholders(placeholder) == []
    assert key(path="", name=f"{placeholder}-{{uuid}}", bucket_path="") == f"{value}-u-1"


@pytest.mark.parametrize("unknown", ["{stream}", "{}", "{date:MMM}", "{date:}", "{timestamp:nanos}", "${NAME}"])
def test_what_stands_for_nothing_is_found(unknown):
    assert unknown_placeholders(f"{{year}}{unknown}x") == [unknown]
    assert unknown_placeholders("".join(path_template.PLACEHOLDERS)) == []


@pytest.mark.parametrize(
    ("path", "name", "named"),
    [
        ("", "rejected{format_extension}", "rejected_u-1.csv.gz"),
        ("", "{date}_{part_number}{format_extension}", "2026_01_31_3_u-1.csv.gz"),
        ("", "{timestamp}.csv", f"{MILLIS}.csv_u-1"),
        ("", "{epoch}-{part_number}", f"{MILLIS}-3"),
        ("{timestamp:micros}/", "{part_number}", f"{MICROS}/3"),
        ("{uuid}/", "rejected", "u-1/rejected"),
    ],
)
def test_a_name_that_does_not_distinguish_files_gets_what_it_lacks(path, name, named):
    assert key(path=path, name=name, bucket_path="") == named


@pytest.mark.parametrize(("name", "segment"), [("a/b", "a_b"), ("..", "__"), ("Ö 1", "Ö 1"), ("a?b#c&d", "a_b_c_d")])
def test_a_name_of_a_stream_is_one_folder(name, segment):
    assert KeyFormat("", "{stream_name}/", "{uuid}").key(facts(name=name)) == f"{segment}/u-1"


@pytest.mark.parametrize(
    ("bucket_path", "path", "sync_id", "folder"),
    [
        ("rejected", PATH, None, "rejected/"),
        ("/a/", "b/{year}/{sync_id}", "42", "a/b/"),
        ("a", "job-${SYNC_ID}/b", "42", "a/job-42/b/"),
        ("a", "b/{date:yyyy/MM}/{sync_id}", "42", "a/b/"),
        ("a", "{sync_id}/b{namespace}/{sync_id}", "42", "a/42/"),
    ],
)
def test_the_folder_of_a_sync_is_the_deepest_that_holds_all_files(bucket_path, path, sync_id, folder):
    keys = KeyFormat(bucket_path, path, NAME)
    assert keys.folder(sync_id) == folder
    assert keys.key(facts(sync_id=sync_id)).startswith(folder)


def test_a_long_name_is_cut_and_differs_from_others_that_begin_alike():
    names = ["s" * 129, "s" * 130, "s" * 120 + "/", "s" * 120 + "?", "s" * 300, "s" * 128]
    folders = [KeyFormat("", "{stream_name}", "{uuid}").key(facts(name=name)).split("/")[0] for name in names]
    assert [len(folder) for folder in folders] == [128, 128, 121, 121, 128, 128]
    assert folders[0] == "s" * 119 + "_" + sha256(names[0].encode()).hexdigest()[:8]
    assert len({*folders[:2], folders[4]}) == 3
    assert folders[5] == names[5]  # one that fits is left whole
    assert len(KeyFormat("", "", "{stream_name}{uuid}").key(facts(name="\ud800" * 300))) == 131


@pytest.mark.parametrize("letters", [0, 1, 2])
def test_a_name_is_never_cut_within_a_character(letters):
    (folder, _) = KeyFormat("", "{namespace}", "{uuid}").key(facts(namespace="x" * letters + "語" * 100)).split("/")
    assert re.fullmatch(r"x*語+_[0-9a-f]{8}", folder)
    assert 126 <= len(folder.encode()) <= 128


def test_a_folder_of_dots_alone_gets_another_name():
    for path, folder in (("./{namespace}", "__/_"), (".{namespace}./..", "__/__/__"), ("{date:/../}", "__/__")):
        assert KeyFormat("..", path, "{uuid}").key(facts(namespace=None)) == f"{folder}/u-1"


def test_a_number_of_a_job_is_never_longer_than_there_is_room_for():
    keys = KeyFormat("", PATH, NAME)
    assert keys.folder("9" * 20) == "9" * 20 + "/"
    assert len(keys.folder("9" * 21)) == 21
    assert keys.key(facts(sync_id="9" * 21)).startswith(keys.folder("9" * 21))
    assert keys.folder("..") == "__/"
