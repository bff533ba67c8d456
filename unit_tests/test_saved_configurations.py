"""Configurations that people have saved, each with what it means: every later version takes them and means the same.

A setting that is added later has its default in all of them. Nothing recorded here is ever changed.
"""

import dataclasses
import json
from pathlib import Path

import pytest
from json_places import places

from destination_sage_intacct.config import load_spec, parse_config
from destination_sage_intacct.config.spec import settings_of

SAVED = json.loads((Path(__file__).parent / "saved_configurations.json").read_text("utf-8"))


def plain(value):
    """Return what a configuration means as JSON, each kind of choice by its name."""
    if dataclasses.is_dataclass(value):
        members = {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"": type(value).__name__, **members}
    return [plain(each) for each in value] if isinstance(value, tuple) else value


def assert_means(recorded, now, path=""):
    """Check that all that was recorded still holds; what is new may be beside it."""
    if isinstance(recorded, dict):
        assert isinstance(now, dict), path
        for name, inner in recorded.items():
            assert_means(inner, now.get(name), f"{path}.{name}")
    elif isinstance(recorded, list):
        assert len(recorded) == len(now), path
        for number, (inner, own) in enumerate(zip(recorded, now, strict=True)):
            assert_means(inner, own, f"{path}[{number}]")
    else:
        assert recorded == now, path


DEFAULT = plain(parse_config(SAVED[0]["saved"]))
RECORDED = {name for entry in SAVED for name in entry["means"]}


@pytest.mark.parametrize("entry", SAVED)
def test_a_saved_configuration_means_what_it_meant_and_a_new_setting_has_its_default(entry):
    now = plain(parse_config(entry["saved"]))
    assert_means(entry["means"], now)
    assert [name for name in now.keys() - RECORDED if now[name] != DEFAULT[name]] == []


def test_every_setting_is_among_them():
    """A new setting is recorded, too, in a configuration of its own at the end of the list."""
    used = {
        "".join("[]" if isinstance(name, int) else f".{name}" for name in place).removeprefix(".")
        for entry in SAVED
        for place in places(entry["saved"])
    }
    assert {path for path, *_ in settings_of(load_spec()["connectionSpecification"])} <= used
    assert len(SAVED) >= 60
