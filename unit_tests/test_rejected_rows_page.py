"""docs/rejected-rows.md says what is so: its configuration, the columns of a file, defaults and placeholders."""

import dataclasses
import json
import re
from pathlib import Path

from configurations import LEAST

from destination_sage_intacct.config import S3Storage, parse_config
from destination_sage_intacct.rejected_rows import files as rejects
from destination_sage_intacct.rejected_rows.path_template import PLACEHOLDERS, unknown_placeholders

PAGE = (Path(__file__).resolve().parents[1] / "docs/rejected-rows.md").read_text("utf-8")
BLOCKS = [json.loads(text) for text in re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)]


def first_cells(heading):
    """The first cell of each row of the table under a heading."""
    table = PAGE.split(f"| {heading} |")[1].split("\n\n")[0]
    return [row.split(" | ")[0].strip("| ") for row in table.splitlines()[2:]]


def test_the_configuration_is_accepted():
    storage = parse_config(LEAST | {"object_storage_config": BLOCKS[0]}).object_storage_config
    assert isinstance(storage, S3Storage)


def test_every_setting_is_named_with_its_default():
    named = {name for cell in first_cells("setting") for name in re.findall(r"`(\w+)`", cell)}
    fields = {field.name: field.default for field in dataclasses.fields(S3Storage)}
    assert named == fields.keys() | {"storage_type"}
    for name in ("path_format", "file_name_format"):
        assert f"| `{name}` | `{fields[name]}` |" in PAGE


def test_every_placeholder_is_named_and_none_else():
    named = {found for cell in first_cells("placeholder") for found in re.findall(r"`(.+?)`", cell)}
    assert named == set(PLACEHOLDERS)
    assert unknown_placeholders("".join(re.findall(r"\{date:[^}]+\}", PAGE))) == []


def test_the_sizes_and_times_are_those_of_the_code():
    limits = {field.name: field.default for field in dataclasses.fields(rejects.Storage)}
    assert f"{limits['file_bytes'] >> 20} MB before compression" in PAGE
    assert f"share {limits['memory_bytes'] >> 20} MB of memory" in PAGE
    assert f"waited {rejects.LONGEST_WAIT_SECONDS:.0f} seconds" in PAGE
    assert rejects.EARLY_STORES == 10
    assert f"ten times in {rejects.EARLY_STORES_SECONDS:.0f}\nseconds" in PAGE
