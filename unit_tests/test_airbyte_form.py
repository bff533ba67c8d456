"""The form that Airbyte draws from spec.json: whatever it saves is accepted and means what the person saw."""

import json
import subprocess
from pathlib import Path

import pytest
from airbyte_form import EMPTY, errors, filled, is_collapsed, lists, sent, tag_of, untouched
from markdown_page import ROOT

from destination_sage_intacct.config import Config, load_spec, parse_config

SPEC = load_spec()["connectionSpecification"]
# Recorded outputs of Airbyte's own functions; reference data that need not be there.
RECORDED = Path(__file__).resolve().parents[2] / "shared" / "data" / "airbyte" / "form"


def recorded(name):
    if not RECORDED.is_dir():
        pytest.skip("the recorded forms lie in shared/data/airbyte/form beside the checkout, which is not there")
    return json.loads((RECORDED / f"{name}.outputs.json").read_text("utf-8"))


def spec_of(name):
    if name != "ours-b59dd8d":
        return json.loads((RECORDED / f"{name}.spec.json").read_text("utf-8"))["connectionSpecification"]
    show = ["git", "show", "b59dd8d:destination_sage_intacct/spec.json"]
    shown = subprocess.run(show, cwd=ROOT, capture_output=True, check=False)
    if shown.returncode:
        pytest.skip("the form of commit b59dd8d was recorded, and this copy of the project does not hold that commit")
    return json.loads(shown.stdout)["connectionSpecification"]


def saving(schema, held):
    """Return what comes of saving a form, as it is recorded."""
    found = [{"path": path, "error": error} for path, error in errors(schema, held)]
    return {"held": held, "errors": found, "sent": sent(schema, held)}


@pytest.mark.parametrize("name", ["nested", "hubspot", "ours-b59dd8d"])
def test_the_model_gives_what_airbytes_functions_gave(name):
    outputs, schema = recorded(name), spec_of(name)
    held, entries = filled(schema, untouched(schema)), dict(lists(schema))

    assert untouched(schema) == outputs["untouched_form_holds"]
    assert saving(schema, held).items() <= outputs["required_filled"].items()
    assert entries.keys() == outputs["new_entries"].keys()
    for path, entry in outputs["new_entries"].items():
        new = untouched(entries[path]["items"])
        needed = filled(entries[path]["items"], new)
        assert (new, needed) == (entry["add_makes"], entry["required_filled"]), path
        if "form_with_it" in entry:
            saved = saving(schema, held | {path: [needed]})
            assert [saved[name] for name in ("errors", "sent")] == [
                entry["form_with_it"][n] for n in ("errors", "sent")
            ]


# -- our own form ------------------------------------------------------------------------------------------------------

ENTRY = SPEC["properties"]["streams"]["items"]
# What a person types where the pattern or another rule asks for more than any text.
TYPED = {
    "custom_object_path": "platform-apps/nsp::subscription",
    "api_url": "https://api.example/ia/api/v1", "role_arn": "arn:aws:iam::123456789012:role/demo",
    "s3_endpoint": "https://s3.example", "path_format": "{sync_id}/", "file_name_format": "{timestamp}_{part_number}",
    "s3_bucket_name": "bucket-of-rows", "max_percent": 5,
}  # fmt: skip


def new_form(**changes):
    """Return what the form holds when only what is required was filled."""
    return filled(SPEC, untouched(SPEC)) | changes


def new_entry(**changes):
    return filled(ENTRY, untouched(ENTRY)) | changes


def saved(form):
    """Return the configuration that Airbyte saves; checks that it lets the form be saved."""
    assert list(errors(SPEC, form)) == []
    return parse_config(sent(SPEC, form))


def typed(name, schema):
    """Return a value for a setting, as a person would type it."""
    if name in TYPED:
        return TYPED[name]
    if schema["type"] == "array" and schema["items"]["type"] == "object":
        return [{"column": "amount", "field": "txnAmount"}]
    if schema["type"] == "array":
        return ["id"]
    if "enum" in schema:
        return [each for each in schema["enum"] if each][-1]
    if schema["type"] == "boolean":
        return not schema.get("default", False)
    return schema.get("examples", [None])[-1] or schema.get("default") or "x"


def plain(schema):
    """Return the settings of a form that are no choice."""
    return [pair for pair in schema["properties"].items() if not {"oneOf", "const"} & pair[1].keys()]


def optional(schema):
    return [pair for pair in plain(schema) if pair[0] not in schema.get("required", ())]


def test_an_untouched_form_says_what_it_lacks_and_nothing_else():
    lacking = ("company_id", *(f"credentials.{name}" for name in ("client_id", "client_secret", "user_id")))
    assert list(errors(SPEC, untouched(SPEC))) == [(name, EMPTY) for name in lacking]


def needed(name, value):
    """Return the value of a setting where it means something, and what that needs beside it."""
    if name == "custom_object_path":
        return value, {"object_type": "Custom object"}
    return ("Vendor" if (name, value) == ("object_type", "Custom object") else value), {}


@pytest.mark.parametrize(("name", "schema"), [pair for pair in optional(SPEC) if pair[0] != "streams"])
def test_each_optional_setting_alone_is_saved_and_means_what_was_typed(name, schema):
    value, needs = needed(name, typed(name, schema))
    parsed = saved(new_form(**{name: value}, **needs))
    assert getattr(parsed, name) == value
    untouched_ones = {each for each, _ in optional(SPEC)} - {name, *needs}
    assert all(getattr(parsed, each) == getattr(Config("x", parsed.credentials), each) for each in untouched_ones)


@pytest.mark.parametrize(("name", "schema"), optional(ENTRY))
def test_each_optional_setting_of_an_entry_alone_is_saved_and_means_what_was_typed(name, schema):
    value, needs = needed(name, typed(name, schema))
    parsed = saved(new_form(object_type="Invoice", streams=[new_entry(**{name: value}, **needs)]))
    own = getattr(parsed.streams[0], name)
    assert own == (value if not isinstance(value, list) else tuple(type(own[0])(**each) for each in value))


def choices(schema, path=()):
    """Yield each choice of a form with its path; in entries of `streams` too."""
    for name, inner in schema["properties"].items():
        if "oneOf" in inner:
            yield (*path, name), inner
        if name == "streams":
            yield from choices(inner["items"], (name,))


BRANCHES = [
    pytest.param(path, branch, id=f"{'.'.join(path)} {tag_of(branch)[1]}")
    for path, schema in choices(SPEC)
    for branch in schema["oneOf"]
]


@pytest.mark.parametrize("is_full", [False, True])
@pytest.mark.parametrize(("path", "branch"), BRANCHES)
def test_each_branch_of_a_choice_is_saved_with_what_it_requires_and_with_everything(path, branch, is_full):
    value = untouched({"type": "object", **branch})
    value |= {
        name: typed(name, inner)
        for name, inner in plain(branch)
        if is_full or name in branch["required"] or name in {"refresh_token", "max_rows"}
    }
    if is_full and path == ("object_storage_config",) and "s3_bucket_name" in value:
        value["s3_bucket_region"] = "us-east-1"
    form = new_form(object_type="Invoice")
    form |= {path[0]: value} if len(path) == 1 else {"streams": [new_entry(**{path[1]: value})]}
    parsed = saved(form)

    assert chosen_branch(parsed, path, branch)
    assert parsed.ignored_settings == ()


def chosen_branch(parsed, path, branch):
    """Return whether the configuration holds the values of this branch."""
    value, constant = getattr(parsed if len(path) == 1 else parsed.streams[0], path[-1]), tag_of(branch)[1]
    if constant in {"default", "records"}:
        return value is None
    names = [name for name, inner in branch["properties"].items() if "const" not in inner]
    return getattr(value, "policy", constant) == constant and all(hasattr(value, name) for name in names)


def test_what_people_need_first_is_open():
    entry = ("stream", "object_type", "matching", "field_mapping", "lines")
    assert not any(is_collapsed(SPEC, name) for name in ("object_type", "matching", "operation", "streams"))
    assert not any(is_collapsed(ENTRY, name) for name in entry)
    assert tag_of(SPEC["properties"]["credentials"]["oneOf"][0])[1] == "client_credentials"


def test_no_optional_group_has_a_required_member():
    """It could never be left empty."""

    def groups(schema, path=""):
        for name, inner in schema.get("properties", {}).items():
            if inner.get("type") == "object" and "oneOf" not in inner and name not in schema.get("required", ()):
                yield f"{path}.{name}", inner
            for nested in (inner, inner.get("items", {}), *inner.get("oneOf", ())):
                yield from groups(nested, f"{path}.{name}")

    assert [place for place, group in groups(SPEC) if group.get("required")] == []
