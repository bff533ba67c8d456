import dataclasses
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from airbyte_cdk.models import ConnectorSpecification, ConnectorSpecificationSerializer, DestinationSyncMode
from airbyte_cdk.test.standard_tests._spec_lint import assert_spec_is_valid
from jsonschema import Draft7Validator

from destination_sage_intacct import config
from destination_sage_intacct.config import load_spec
from destination_sage_intacct.config.spec import settings_of

SPEC = load_spec()
CONNECTION = SPEC["connectionSpecification"]
SETTINGS = list(settings_of(CONNECTION))
EACH_SETTING = pytest.mark.parametrize("setting", [pytest.param(setting, id=path) for path, _, setting in SETTINGS])
# The keywords that Airbyte's form cannot show.
NOT_IN_A_FORM = {"anyOf", "allOf", "not", "if", "then", "else", "$ref", "patternProperties", "dependencies"}


def objects(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Each schema with properties: the whole, the branches of each oneOf, and the items of arrays."""
    if isinstance(schema, dict):
        if isinstance(schema.get("type"), str) and "properties" in schema:
            yield path, schema
        for name, inner in schema.items():
            yield from objects(inner, f"{path}/{name}")
    elif isinstance(schema, list):
        for number, inner in enumerate(schema):
            yield from objects(inner, f"{path}/{number}")


OBJECTS = dict(objects(CONNECTION))
EACH_OBJECT = pytest.mark.parametrize("schema", [pytest.param(schema, id=path) for path, schema in OBJECTS.items()])


def test_airbyte_reads_the_spec_and_loses_nothing():
    spec = ConnectorSpecificationSerializer.load(SPEC)
    dumped = ConnectorSpecificationSerializer.dump(spec)
    assert spec.supported_destination_sync_modes == [DestinationSyncMode.append, DestinationSyncMode.append_dedup]
    assert spec.supportsIncremental is True
    assert {name: dumped[name] for name in SPEC} == SPEC
    assert_spec_is_valid(ConnectorSpecification(**SPEC), connector_name="destination-sage-intacct")


def test_the_spec_is_a_draft_07_schema_and_a_new_copy_on_each_call():
    assert CONNECTION["$schema"] == "http://json-schema.org/draft-07/schema#"
    Draft7Validator.check_schema(CONNECTION)
    assert CONNECTION["required"] == ["company_id", "credentials"]
    load_spec()["connectionSpecification"].clear()
    assert load_spec() == SPEC


@EACH_SETTING
def test_a_setting_is_one_plain_type_with_a_title_a_description_and_an_order(setting):
    assert setting["title"].strip()
    assert setting["description"].endswith(".")
    assert isinstance(setting["order"], int)
    assert setting["type"] in {"string", "integer", "number", "boolean", "object", "array"}
    assert not NOT_IN_A_FORM & setting.keys()
    assert "type" in setting.get("items", {"type": ""})


@EACH_SETTING
def test_the_limits_and_the_default_of_a_setting_are_whole(setting):
    assert ("pattern" in setting) == ("pattern_descriptor" in setting)
    re.compile(setting.get("pattern", ""))
    assert ("minimum" in setting) == (setting["type"] in {"integer", "number"})
    assert ("minItems" in setting) == ("maxItems" in setting)
    if "default" in setting:
        Draft7Validator(setting).validate(setting["default"])


@EACH_SETTING
def test_a_text_setting_shows_an_example(setting):
    if setting["type"] == "string" and not setting.keys() & {"enum", "const", "airbyte_secret"}:
        assert setting["examples"]
    Draft7Validator({"type": "array", "items": setting}).validate(setting.get("examples", []))


@EACH_OBJECT
def test_an_object_shows_its_settings_in_order_and_takes_further_keys_from_the_platform(schema):
    settings = schema["properties"]
    shown = {name for name, setting in settings.items() if setting.get("always_show")}
    assert [setting["order"] for setting in settings.values()] == list(range(len(settings)))
    assert not shown & set(schema.get("required", ()))
    assert schema.get("additionalProperties", True) is True


@EACH_OBJECT
def test_an_optional_setting_says_what_happens_without_it(schema):
    for name, setting in schema["properties"].items():
        if name not in schema.get("required", ()):
            first = setting.get("oneOf", [{}])[0].get("properties", {})  # of a choice, it may say "as above"
            assert "default" in setting or "Leave empty" in setting["description"] or len(first) == 1, name


def test_each_setting_is_in_a_known_group_and_nothing_nested_is():
    groups = [group["id"] for group in CONNECTION["groups"]]
    used = [setting["group"] for setting in CONNECTION["properties"].values()]
    assert list(dict.fromkeys(used)) == groups
    assert sorted(used, key=groups.index) == used
    assert [path for path, _, setting in SETTINGS if "group" in setting] == list(CONNECTION["properties"])


def test_each_branch_is_distinguished_by_one_constant():
    choices = {path: setting["oneOf"] for path, _, setting in SETTINGS if "oneOf" in setting}

    ways = ["credentials", "matching", "streams[].matching", "streams[].lines", "rejected_rows"]
    storage = ["object_storage_config", "object_storage_config.format", "object_storage_config.compression"]
    assert list(choices) == ways + storage
    for path, branches in choices.items():
        tags = [[name for name, inner in branch["properties"].items() if "const" in inner] for branch in branches]
        assert all(names == tags[0] and len(names) == 1 for names in tags), path
        (tag,) = tags[0]
        constants = [branch["properties"][tag]["const"] for branch in branches]
        assert len(set(constants)) == len(constants)
        for branch in branches:
            assert branch["type"] == "object"
            assert branch["title"]
            assert branch["description"]
            assert tag in branch["required"]
            assert branch["properties"][tag]["default"] == branch["properties"][tag]["const"]


def test_exactly_the_secrets_are_secret():
    assert {path for path, _, setting in SETTINGS if setting.get("airbyte_secret")} == {
        *(f"credentials.{name}" for name in ("client_id", "client_secret", "refresh_token", "access_token")),
        *(f"object_storage_config.{name}" for name in ("access_key_id", "secret_access_key")),
    }


@dataclasses.dataclass
class AsAbove:
    """What the first branch of an optional choice means: nothing is set."""


# The dataclass that holds the settings of each object in spec.json.
CLASSES: dict[str, type] = {
    "": config.Config,
    "credentials/oneOf/0": config.ClientCredentials,
    "credentials/oneOf/1": config.OAuth,
    "credentials/oneOf/2": config.AccessToken,
    "matching/oneOf/0": config.MatchByRecordKey,
    "matching/oneOf/1": config.MatchByFields,
    "streams/items": config.StreamSettings,
    "streams/items/matching/oneOf/0": AsAbove,
    "streams/items/matching/oneOf/1": config.MatchByRecordKey,
    "streams/items/matching/oneOf/2": config.MatchByFields,
    "streams/items/field_mapping/items": config.FieldMapping,
    "streams/items/lines/oneOf/0": AsAbove,
    "streams/items/lines/oneOf/1": config.Lines,
    "streams/items/lines/oneOf/1/fields/items": config.FieldMapping,
    **{f"rejected_rows/oneOf/{number}": config.RejectedRows for number in range(3)},
    "object_storage_config/oneOf/0": config.NoStorage,
    "object_storage_config/oneOf/1": config.S3Storage,
    "object_storage_config/oneOf/1/format/oneOf/0": config.CsvFormat,
    "object_storage_config/oneOf/1/format/oneOf/1": config.JsonLinesFormat,
    "object_storage_config/oneOf/1/compression/oneOf/0": config.NoCompression,
    "object_storage_config/oneOf/1/compression/oneOf/1": config.Gzip,
}
VALUES = {
    "object_type": config.ObjectLabel,
    "operation": config.OperationSetting,
    "lines_on_update": config.LinesOnUpdate,
    "on_source_delete": config.OnSourceDelete,
    "null_values": config.NullValues,
}


@pytest.mark.parametrize(("path", "schema"), OBJECTS.items())
def test_the_dataclasses_hold_the_same_settings_and_defaults(path, schema):
    held = CLASSES[path.replace("/properties", "").removeprefix("/")]
    fields = {field.name: field for field in dataclasses.fields(held) if field.name != "ignored_settings"}
    settings = {name: setting for name, setting in schema["properties"].items() if "const" not in setting}
    if held is not config.RejectedRows:  # one class for the three policies
        assert settings.keys() == fields.keys()

    for name, setting in settings.items():
        default = fields[name].default
        if "default" in setting:
            assert default == setting["default"], name
        elif name in schema.get("required", ()):
            assert default is dataclasses.MISSING, name
        elif setting["type"] != "object":
            assert default in (None, "", ()), name  # nothing that the form would have to show


def test_what_is_left_empty_is_what_the_form_says():
    least, storage = config.Config("demo", config.AccessToken("t")), config.S3Storage("b")
    assert (least.matching, least.rejected_rows) == (config.MatchByRecordKey("id"), config.RejectedRows("report"))
    assert least.object_storage_config == config.NoStorage()
    assert (storage.format, storage.compression) == (config.CsvFormat(), config.NoCompression())


def test_the_types_hold_the_values_of_the_spec():
    enums = [(path.removeprefix("streams[]."), setting.get("enum")) for path, _, setting in SETTINGS]
    held = [(name, enum) for name, enum in enums if name in VALUES]
    assert held == [(name, list(get_args(VALUES[name]))) for name, _ in held]
    assert {name for name, _ in held} == VALUES.keys()
    policies = CONNECTION["properties"]["rejected_rows"]["oneOf"]
    assert [branch["properties"]["policy"]["const"] for branch in policies] == list(get_args(config.RejectionPolicy))


@pytest.mark.parametrize("keyword", ["type", "enum", "pattern", "pattern_descriptor", "oneOf"])
def test_a_stream_is_set_in_the_same_way_as_all_streams(keyword):
    whole, own = CONNECTION["properties"], CONNECTION["properties"]["streams"]["items"]["properties"]
    for name in whole.keys() & own.keys():
        given = own[name].get(keyword)
        # The first branch of a stream's choice says "as above".
        of_stream = given[1:] if keyword == "oneOf" and given else given
        assert of_stream == whole[name].get(keyword), name
