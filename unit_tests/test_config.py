import copy
import dataclasses
import json
import sys
import traceback

import pytest
from configurations import CLIENT, FULL, LEAST, OAUTH, PLAIN, STORED, TOKEN, mapped, without
from jsonschema import Draft7Validator
from wrong_lines import WRONG as WRONG_LINES
from wrong_matching import WRONG as WRONG_MATCHING
from wrong_settings import WRONG as WRONG_SETTINGS
from wrong_streams_and_limits import WRONG as WRONG_STREAMS

from destination_sage_intacct.config import (
    AccessToken,
    ClientCredentials,
    Config,
    ConfigError,
    FieldMapping,
    Lines,
    MatchByFields,
    MatchByRecordKey,
    OAuth,
    RejectedRows,
    StreamSettings,
    load_spec,
    parse_config,
    read_config,
)
from destination_sage_intacct.config.errors import check_settings

WRONG = [*WRONG_SETTINGS, *WRONG_MATCHING, *WRONG_LINES, *WRONG_STREAMS]


NO_OBJECT = "The configuration must be an object of settings; it is {}."
NO_OBJECTS = [(None, "nothing"), ("{}", "text"), ([], "a list"), (1, "a number")]
# A misspelt setting comes before the missing one.
MISSPELT = ({"compnay_id": "demo"}, "compnay_id", "`compnay_id` is not a setting; did you mean `company_id`?")


@pytest.mark.parametrize(("raw", "key", "sentence"), [
    *(({**LEAST, **change}, key, sentence) for change, key, sentence in WRONG),
    *((raw, "", NO_OBJECT.format(kind)) for raw, kind in NO_OBJECTS), MISSPELT,
], ids=lambda part: None if isinstance(part, dict) else "")  # fmt: skip
def test_a_wrong_configuration_is_named_with_its_remedy(raw, key, sentence):
    with pytest.raises(ConfigError) as raised:
        parse_config(raw)
    assert (str(raised.value), raised.value.key) == (sentence, key)


OF_ANOTHER_VERSION = "`{}` is not a setting of this version of the connector and is not used."


def of_another_branch(group, name, by, value, needed):
    return f"`{group}.{name}` is not used, as `{group}.{by}` is `{value}`; remove it or set `{group}.{by}` to {needed}."


@pytest.mark.parametrize(("used", "given", "sentence"), [
    ({}, {"colour": "blue"}, OF_ANOTHER_VERSION.format("colour")),
    ({"streams": [{"stream": "a"}]}, {"streams": [{"stream": "a", "paint": "x"}]},
     OF_ANOTHER_VERSION.format("streams[0].paint")),
    ({"credentials": OAUTH}, {"credentials": {**OAUTH, "user_id": "demo"}},
     of_another_branch("credentials", "user_id", "auth_type", "oauth2.0", "`client_credentials`")),
    ({"credentials": TOKEN}, {"credentials": {**TOKEN, "client_id": "demo-client"}},
     of_another_branch("credentials", "client_id", "auth_type", "access_token", "`client_credentials` or `oauth2.0`")),
    ({"rejected_rows": {"policy": "report"}}, {"rejected_rows": {"policy": "report", "max_rows": 1}},
     of_another_branch("rejected_rows", "max_rows", "policy", "report", "`stop`")),
    ({"matching": {"by": "record_key"}}, {"matching": {"by": "record_key", "fields": ["id"]}},
     of_another_branch("matching", "fields", "by", "record_key", "`fields`")),
])  # fmt: skip
def test_a_setting_of_another_version_or_branch_is_named_and_not_used(used, given, sentence):
    parsed = parse_config({**LEAST, **given})
    assert parsed.ignored_settings == (sentence,)
    assert dataclasses.replace(parsed, ignored_settings=()) == parse_config({**LEAST, **used})


NAMES = load_spec()["connectionSpecification"]["properties"].keys() - LEAST.keys()


@pytest.mark.parametrize("untouched", [
    {"streams": []}, {"matching": {}}, {"rejected_rows": {}, "object_storage_config": {}},
    {"entity_id": " ", "custom_object_path": ""}, {"matching": {"by": "record_key", "field": None}},
    dict.fromkeys(NAMES), dict.fromkeys(NAMES, ""),
    # The platform's own keys.
    {"_internal": 1, "__injected": {}, "airbyte_hidden_key": "x", "credentials": {**TOKEN, "_source": "ui"}},
], ids=range(8))  # fmt: skip
def test_what_a_form_stores_untouched_and_what_is_the_platforms_own_means_not_given(untouched):
    assert parse_config({**LEAST, **untouched}) == Config("demo", AccessToken("demo-access-token"))


@pytest.mark.parametrize("untouched", [
    {"matching": {"by": "default"}, "lines": {"rows": "records"}},
    {"matching": {}, "lines": {}, "field_mapping": []},
    {"lines": {"fields": []}, "operation": "", "entity_field": None},
])  # fmt: skip
def test_an_entry_of_streams_that_is_left_as_the_form_makes_it_is_only_a_name(untouched):
    matching = {"by": "fields", "fields": ["id"]}
    config = parse_config({**LEAST, "matching": matching, "streams": [{"stream": "a", **untouched}]})
    assert config.streams == (StreamSettings("a"),)
    assert config.settings_for(None, "a").matching == MatchByFields(("id",))


def test_a_configuration_written_by_hand_needs_no_mark_for_rows_that_are_lines():
    lines = {"group_by": ["no"], "fields": [{"column": "amount", "field": "txnAmount"}]}
    by_hand = parse_config({**LEAST, "streams": [{"stream": "a", "lines": lines}]})
    assert by_hand == parse_config({**LEAST, "streams": [{"stream": "a", "lines": {"rows": "lines", **lines}}]})
    assert by_hand.streams[0].lines == Lines(("no",), (FieldMapping("amount", "txnAmount"),))


def test_every_setting_reaches_the_configuration():
    vendors = StreamSettings(
        "vendors", "public", "Vendor", operation="insert", matching=MatchByFields(("name", "term.id")),
        field_mapping=(FieldMapping("mail", "contacts.default.email1"),),
    )  # fmt: skip
    lines = Lines(("book ", "number"), (FieldMapping("amount ", "txnAmount"),))
    entries = StreamSettings("entries", object_type="Journal Entry", lines=lines, entity_field=" entity")

    assert parse_config(FULL) == Config(
        **PLAIN,
        credentials=OAuth("demo-client", "demo-secret", "demo-refresh-token", "demo-access-token"),
        matching=MatchByRecordKey("sage_key"),
        streams=(vendors, entries),
        rejected_rows=RejectedRows("stop", 0, 2.5),
        object_storage_config=STORED,
    )


PATHS = ("platform-apps/nsp::MY_OBJECT-2", "order-entry/document::Sales Invoice", "company-config/department")
KEYS = (["id"], ["customer.id", "invoiceNumber"], ["a", "b", "c", "d", "nsp::E"])
LOCAL = ("127.0.0.1:4711/ia/api/v1", "127.8.9.1", "[::1]:4711", "LOCALHOST:4711", "host.docker.internal:4711/x")
PAIRS = [("mail", "contacts.default.email1"), ("mail", "contacts.default.email2"), ("n", "contact")]
WITH_TOKEN = without(OAUTH, "refresh_token") | {"access_token": "t"}
ODD_NAMES = {"stream": " odd ", "field_mapping": [{"column": "col ", "field": " name "}]}


def entry_of(name, *pairs):
    return (StreamSettings(name, field_mapping=tuple(FieldMapping(*pair) for pair in pairs)),)


@pytest.mark.parametrize(("change", "name", "value"), [
    ({"credentials": TOKEN}, "credentials", AccessToken("demo-access-token")),
    ({"credentials": CLIENT}, "credentials", ClientCredentials("demo-client", "demo-secret", "demo")),
    ({"credentials": OAUTH}, "credentials", OAuth("demo-client", "demo-secret", "demo-refresh-token")),
    ({"credentials": WITH_TOKEN}, "credentials", OAuth("demo-client", "demo-secret", access_token="t")),
    # A whole number may come with a decimal point.
    ({"request_timeout_seconds": 60.0}, "request_timeout_seconds", 60),
    ({"max_retries": 0.0}, "max_retries", 0),
    # An address is https or on this machine; any object can be the custom one; one to five fields make a key.
    ({"api_url": "https://gateway.example.com:8443/sage/"}, "api_url", "https://gateway.example.com:8443/sage"),
    *(({"api_url": f"http://{host}"}, "api_url", f"http://{host}") for host in LOCAL),
    *(({"object_type": "Custom object", "custom_object_path": path}, "custom_object_path", path) for path in PATHS),
    *(({"matching": {"by": "fields", "fields": key}}, "matching", MatchByFields(tuple(key))) for key in KEYS),
    # One column may fill two fields.
    (mapped(*PAIRS), "streams", entry_of("customers", *PAIRS)),
    # Space around a value is dropped, but not around the names of the source.
    ({"company_id": " demo "}, "company_id", "demo"),
    ({"credentials": {**TOKEN, "access_token": "secret\n"}}, "credentials", AccessToken("secret")),
    ({"matching": {"by": "fields", "fields": [" id"]}}, "matching", MatchByFields(("id",))),
    ({"streams": [ODD_NAMES]}, "streams", entry_of(" odd ", ("col ", "name"))),
])  # fmt: skip
def test_each_of_these_is_accepted(change, name, value):
    read = getattr(parse_config({**LEAST, **change}), name)
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize("owner", ["Invoice", "Bill", "Journal Entry", "Custom object", None])
def test_rows_may_be_the_lines_of_an_object_that_owns_lines_and_fill_its_header_too(owner):
    path = {"custom_object_path": "order-entry/document::Sales Invoice"} if owner == "Custom object" else {}
    both = [{"column": "day", "field": "memo"}]
    entry = {"stream": "a", "lines": {"group_by": ["day"], "fields": both}, "field_mapping": both, "entity_field": "e"}

    settings = parse_config({**LEAST, **path, "object_type": owner, "streams": [entry]}).settings_for("public", "a")

    assert settings.lines == Lines(("day",), settings.field_mapping)
    assert (settings.field_mapping, settings.entity_field) == ((FieldMapping("day", "memo"),), "e")


X_TO_Y = (FieldMapping("x", "y"),)
BY_ID, BY_KEY = MatchByFields(("id",)), MatchByRecordKey()
Entry = StreamSettings
IN_EU = Entry("a", "eu", "Vendor", matching=BY_ID)
EVERYWHERE = Entry("a", None, "Customer", None, "insert", field_mapping=X_TO_Y)
OWN = Entry("a", None, "Custom object", "platform-apps/nsp::own")
ALL = {"object_type": "Vendor", "operation": "update", "matching": BY_ID}
CUSTOM = {"object_type": "Custom object", "custom_object_path": "platform-apps/nsp::x", "operation": "insert"}


@pytest.mark.parametrize(("entries", "of_all", "settings"), [
    # A stream without an entry takes the settings of all; an entry refines what it names and leaves the rest.
    ((), ALL, Entry("a", "us", "Vendor", None, "update", BY_ID)),
    ((Entry("b", operation="insert"),), ALL, Entry("a", "us", "Vendor", None, "update", BY_ID)),
    ((EVERYWHERE,), ALL, Entry("a", "us", "Customer", None, "insert", BY_ID, X_TO_Y)),
    ((Entry("a", matching=BY_KEY),), ALL, Entry("a", "us", "Vendor", None, "update", BY_KEY)),
    # An entry without a namespace holds in every one, one with a namespace only there, and wins.
    ((IN_EU, EVERYWHERE), {}, Entry("a", "us", "Customer", None, "insert", BY_KEY, X_TO_Y)),
    ((IN_EU, EVERYWHERE), {}, Entry("a", None, "Customer", None, "insert", BY_KEY, X_TO_Y)),
    ((IN_EU, EVERYWHERE), {}, Entry("a", "eu", "Vendor", None, "insert", BY_ID, X_TO_Y)),
    ((IN_EU,), ALL, Entry("a", "us", "Vendor", None, "update", BY_ID)),
    # The object and the path of a custom one travel together.
    ((), CUSTOM, Entry("a", None, "Custom object", "platform-apps/nsp::x", "insert", BY_KEY)),
    ((OWN,), CUSTOM, Entry("a", None, "Custom object", "platform-apps/nsp::own", "insert", BY_KEY)),
    ((Entry("a", object_type="Vendor"),), CUSTOM, Entry("a", None, "Vendor", None, "insert", BY_KEY)),
], ids=range(11))  # fmt: skip
def test_an_entry_refines_the_settings_of_all(entries, of_all, settings):
    config = Config("demo", AccessToken("t"), streams=entries, **of_all)
    assert config.settings_for(settings.namespace, "a") == settings


def test_what_is_accepted_also_passes_airbytes_own_validation():
    raw = {**LEAST, **mapped(*PAIRS), "rejected_rows": {"policy": "stop", "max_percent": 5}}
    for credentials in (TOKEN, OAUTH, CLIENT):
        parse_config(raw | {"credentials": credentials})
        Draft7Validator(load_spec()["connectionSpecification"]).validate(raw | {"credentials": credentials})


def test_parsing_does_not_change_what_it_was_given():
    raw = {**LEAST, "entity_id": None, "streams": [{"stream": "a", "namespace": ""}]}
    before = copy.deepcopy(raw)
    parse_config(raw)
    assert raw == before


def test_a_configuration_file_is_read_and_a_missing_one_is_named(tmp_path):
    path = tmp_path / "config.json"
    with pytest.raises(ConfigError) as raised:
        read_config(path)
    missing = f"The configuration file {path} cannot be read (No such file or directory); check the path."
    assert str(raised.value) == missing
    with pytest.raises(ConfigError, match="Is a directory"):
        read_config(tmp_path)
    path.write_text("\ufeff" + json.dumps(LEAST), "utf-8")
    assert read_config(path) == LEAST


@pytest.mark.parametrize(("content", "problem"), [
    (b"", "is empty; fill it in."), (b" \n", "is empty; fill it in."),
    (b'{\n  "company_id": demo-secret\n}', "is not JSON at line 2, column 17; correct it there."),
    (b'{"company_id": "demo"', "is not JSON at line 1, column 22; correct it there."),
    (b'{"a": 1} demo-secret', "is not JSON at line 1, column 10; correct it there."),
    (b'["demo-secret"]', "must hold a JSON object; it holds a list."),
    (b"null", "must hold a JSON object; it holds nothing."),
    (b'{"company_id": "\xff"}', "is not text in UTF-8; save it as UTF-8."),
    (b'{"max_retries": ' + b"1" * 5000 + b"}", "is not JSON that can be read; correct it."),
    (b"[" * 100_000, "is not JSON that can be read; correct it."),
], ids=range(10))  # fmt: skip
def test_a_file_that_cannot_be_used_is_named_without_its_content(tmp_path, content, problem):
    path = tmp_path / "config.json"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as raised:
        read_config(path)

    assert str(raised.value) == f"The configuration file {path} {problem}"
    assert "demo-secret" not in "".join(traceback.format_exception(raised.value))


def test_a_configuration_that_is_right_needs_no_explaining_validator(monkeypatch):
    monkeypatch.setitem(sys.modules, "jsonschema", None)  # an import of it would fail
    schema = load_spec()["connectionSpecification"]
    settings = {"streams": [{"stream": "a", "entity_field": "home"}], "company_id": "demo", "object_type": "Customer"}
    settings |= {"credentials": {"auth_type": "access_token", "access_token": "x"}}
    assert check_settings(schema, settings) == (settings, [])
