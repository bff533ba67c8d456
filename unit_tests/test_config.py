import copy
import dataclasses
import json
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from destination_sage_intacct.config import (
    AccessToken,
    ClientCredentials,
    Config,
    ConfigError,
    FieldMapping,
    MatchByRecordKey,
    OAuth,
    RejectedRows,
    StreamSettings,
    load_spec,
    parse_config,
    read_config,
    secret_values,
)

TOKEN = {"auth_type": "access_token", "access_token": "demo-access-token"}
OAUTH = {
    "auth_type": "oauth2.0",
    "client_id": "demo-client",
    "client_secret": "demo-secret",
    "refresh_token": "demo-refresh-token",
}
CLIENT = {
    "auth_type": "client_credentials",
    "client_id": "demo-client",
    "client_secret": "demo-secret",
    "user_id": "demo",
}
LEAST: dict[str, Any] = {"company_id": "demo", "credentials": TOKEN}
TOKENS = "`oauth2.0`, `client_credentials` or `access_token`"
OBJECTS = (
    "`Customer`, `Vendor`, `Invoice`, `Bill`, `Journal Entry`, `Employee`, `Contact`, `Project`, "
    "`GL Account` or `Custom object`"
)
PATH_FORM = "a path such as platform-apps/nsp::name or application/object"
FIELD_FORM = "a field name without spaces and without empty parts between dots"
HOST_FORM = (
    "`api_url` must be a host, an optional port and a path, without user and password, "
    "for example `https://api.intacct.com/ia/api/v1`."
)
HTTPS = (
    "`api_url` must start with https; plain http is accepted only for localhost, a loopback address "
    "and host.docker.internal."
)
LIMITS = (
    "`rejected_rows.max_rows` is missing; with the policy `stop`, fill in Most Rejected Rows or "
    "`rejected_rows.max_percent`."
)


def without(settings: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name not in names}


def mapped(*pairs: tuple[str, str]) -> dict[str, Any]:
    """The setting `streams` with one stream, whose columns go to the given fields."""
    mapping = [{"column": column, "field": field} for column, field in pairs]
    return {"streams": [{"stream": "customers", "field_mapping": mapping}]}


WRONG: list[tuple[dict[str, Any], str, str]] = [
    # What is changed in a right configuration, the key that the error names, and its whole sentence.
    ({"company_id": None}, "company_id", "`company_id` is missing; fill in Company ID, for example `acme`."),
    ({"company_id": " "}, "company_id", "`company_id` is missing; fill in Company ID, for example `acme`."),
    ({"company_id": 7}, "company_id", "`company_id` must be text; it is a number."),
    (
        {"company_id": "user@demo"},
        "company_id",
        "`company_id` must be the company ID alone, without a user, an entity, @ or |.",
    ),
    (
        {"company_id": "demo|100"},
        "company_id",
        "`company_id` must be the company ID alone, without a user, an entity, @ or |.",
    ),
    (
        {"entity_id": "demo|100"},
        "entity_id",
        "`entity_id` must be the entity ID alone, in plain ASCII characters and without |.",
    ),
    ({"entity_id": 100}, "entity_id", "`entity_id` must be text; it is a number."),
    ({"entityid": "100"}, "entityid", "`entityid` is not a setting; did you mean `entity_id`?"),
    ({"entityId": "100"}, "entityId", "`entityId` is not a setting; did you mean `entity_id`?"),
    (
        {"refresh_token": "x"},
        "refresh_token",
        "`refresh_token` is not a setting; move it to `credentials.refresh_token`.",
    ),
    (
        {"column": "x"},
        "column",
        "`column` is not a setting; move it to `streams[].field_mapping[].column`.",
    ),
    (
        {"colour": "blue"},
        "colour",
        (
            "`colour` is not a setting; remove it or use `company_id`, `entity_id`, `credentials`, `object_type`, "
            "`custom_object_path`, `operation`, `matching`, `null_values`, `streams`, `rejected_rows`, `dry_run`, "
            "`request_timeout_seconds`, `max_retries` or `api_url`."
        ),
    ),
    (
        {"credentials": None},
        "credentials",
        f"`credentials` is missing; fill in Authentication with `auth_type` {TOKENS}.",
    ),
    ({"credentials": "demo-token"}, "credentials", "`credentials` must be an object; it is text."),
    ({"credentials": {}}, "credentials.auth_type", f"`credentials.auth_type` is missing; set it to {TOKENS}."),
    (
        {"credentials": without(TOKEN, "auth_type")},
        "credentials.auth_type",
        f"`credentials.auth_type` is missing; set it to {TOKENS}.",
    ),
    (
        {"credentials": {**OAUTH, "auth_type": "OAuth2"}},
        "credentials.auth_type",
        f"`credentials.auth_type` must be {TOKENS}; did you mean `oauth2.0`?",
    ),
    (
        {"credentials": {**OAUTH, "auth_type": 2}},
        "credentials.auth_type",
        f"`credentials.auth_type` must be {TOKENS}.",
    ),
    (
        {"credentials": without(OAUTH, "client_secret")},
        "credentials.client_secret",
        "`credentials.client_secret` is missing; fill in Client Secret.",
    ),
    (
        {"credentials": {**OAUTH, "client_id": ""}},
        "credentials.client_id",
        "`credentials.client_id` is missing; fill in Client ID.",
    ),
    (
        {"credentials": {**OAUTH, "refresh_token": ""}},
        "credentials.refresh_token",
        (
            "`credentials.refresh_token` is missing; fill in Refresh Token, or `credentials.access_token` for a trial "
            "that ends when the token expires."
        ),
    ),
    (
        {"credentials": {**OAUTH, "refresh_token": ["demo-refresh-token"]}},
        "credentials.refresh_token",
        "`credentials.refresh_token` must be text; it is a list.",
    ),
    (
        {"credentials": {**OAUTH, "user_id": "demo"}},
        "credentials.user_id",
        (
            "`credentials.user_id` is not used when `credentials.auth_type` is `oauth2.0`; "
            "remove it or set `credentials.auth_type` to `client_credentials`."
        ),
    ),
    (
        {"credentials": {**TOKEN, "client_id": "demo-client"}},
        "credentials.client_id",
        (
            "`credentials.client_id` is not used when `credentials.auth_type` is `access_token`; "
            "remove it or set `credentials.auth_type` to `oauth2.0` or `client_credentials`."
        ),
    ),
    (
        {"credentials": {**OAUTH, "clientsecret": "demo-secret"}},
        "credentials.clientsecret",
        "`credentials.clientsecret` is not a setting; did you mean `credentials.client_secret`?",
    ),
    (
        {"credentials": without(CLIENT, "user_id")},
        "credentials.user_id",
        "`credentials.user_id` is missing; fill in User ID, for example `airbyte_sync`.",
    ),
    (
        {"credentials": {**CLIENT, "user_id": "demo@demo"}},
        "credentials.user_id",
        "`credentials.user_id` must be the user ID alone: the connector adds @, the company and the entity itself.",
    ),
    (
        {"credentials": {**TOKEN, "access_token": 12345}},
        "credentials.access_token",
        "`credentials.access_token` must be text; it is a number.",
    ),
    (
        {"object_type": "customers"},
        "object_type",
        f"`object_type` must be {OBJECTS}; did you mean `Customer`?",
    ),
    ({"object_type": "Timesheet"}, "object_type", f"`object_type` must be {OBJECTS}."),
    (
        {"object_type": "Custom object"},
        "custom_object_path",
        (
            "`custom_object_path` is missing; `object_type` is `Custom object`, which needs the path of the object, "
            "for example `platform-apps/nsp::subscription`."
        ),
    ),
    (
        {"object_type": "Customer", "custom_object_path": "platform-apps/nsp::x"},
        "custom_object_path",
        "`custom_object_path` is only for a custom object; remove it or set `object_type` to `Custom object`.",
    ),
    (
        {"custom_object_path": "/objects/platform-apps/nsp::x"},
        "custom_object_path",
        f"`custom_object_path` must be {PATH_FORM}.",
    ),
    ({"custom_object_path": "nsp::x"}, "custom_object_path", f"`custom_object_path` must be {PATH_FORM}."),
    (
        {"operation": "upsrt"},
        "operation",
        "`operation` must be `auto`, `insert`, `update` or `upsert`; did you mean `upsert`?",
    ),
    (
        {"operation": "overwrite"},
        "operation",
        "`operation` must be `auto`, `insert`, `update` or `upsert`.",
    ),
    ({"matching": "id"}, "matching", "`matching` must be an object; it is text."),
    ({"matching": {"field": "id"}}, "matching.by", "`matching.by` is missing; set it to `record_key`."),
    (
        {"matching": {"by": "key"}},
        "matching.by",
        "`matching.by` must be `record_key`.",
    ),
    ({"matching": {"by": "record_key", "field": "a..b"}}, "matching.field", f"`matching.field` must be {FIELD_FORM}."),
    ({"null_values": "keep"}, "null_values", "`null_values` must be `leave` or `clear`."),
    ({"streams": {"stream": "customers"}}, "streams", "`streams` must be a list; it is an object."),
    ({"streams": [None]}, "streams[0]", "`streams[0]` must be an object; it is nothing."),
    (
        {"streams": [{"stream": "a"}, {"namespace": "public"}]},
        "streams[1].stream",
        "`streams[1].stream` is missing; fill in Stream, for example `customers`.",
    ),
    (
        {"streams": [{"stream": "a"}, {"stream": "b", "object": "Vendor"}]},
        "streams[1].object",
        (
            "`streams[1].object` is not a setting; remove it or use `stream`, `namespace`, `object_type`, "
            "`custom_object_path`, `operation`, `matching` or `field_mapping`."
        ),
    ),
    (
        {"streams": [{"stream": "a", "max_retries": 1}]},
        "streams[0].max_retries",
        "`streams[0].max_retries` is not a setting; move it to `max_retries`.",
    ),
    (
        {"streams": [{"stream": "a", "matching": {"by": "keys"}}]},
        "streams[0].matching.by",
        "`streams[0].matching.by` must be `record_key`.",
    ),
    (
        {"streams": [{"stream": "a", "object_type": "Custom object"}]},
        "streams[0].custom_object_path",
        (
            "`streams[0].custom_object_path` is missing; `streams[0].object_type` is `Custom object`, which needs the "
            "path of the object, for example `platform-apps/nsp::subscription`."
        ),
    ),
    (
        {"streams": [{"stream": "a", "custom_object_path": "platform-apps/nsp::x"}]},
        "streams[0].custom_object_path",
        (
            "`streams[0].custom_object_path` is only for a custom object; remove it or set `streams[0].object_type` "
            "to `Custom object`."
        ),
    ),
    (
        {"streams": [{"stream": "a"}, {"stream": "b"}, {"stream": "a"}]},
        "streams[2]",
        "`streams[2]` is about stream `a`, as is `streams[0]`; merge the two entries.",
    ),
    (
        {"streams": [{"stream": "a", "namespace": "public"}, {"stream": "a", "namespace": "public"}]},
        "streams[1]",
        "`streams[1]` is about stream `public.a`, as is `streams[0]`; merge the two entries.",
    ),
    (
        {"streams": [{"stream": "a", "field_mapping": [{"field": "name"}]}]},
        "streams[0].field_mapping[0].column",
        "`streams[0].field_mapping[0].column` is missing; fill in Column, for example `email`.",
    ),
    (
        mapped(("a", "name"), ("b", "contacts..default")),
        "streams[0].field_mapping[1].field",
        f"`streams[0].field_mapping[1].field` must be {FIELD_FORM}.",
    ),
    (
        mapped(("a", "name"), ("b", "name")),
        "streams[0].field_mapping[1].field",
        (
            "`streams[0].field_mapping[1].field` sends column `b` to `name`, but column `a` already fills `name`; "
            "keep one of the two."
        ),
    ),
    (
        mapped(("a", "contacts"), ("b", "contacts.default")),
        "streams[0].field_mapping[1].field",
        (
            "`streams[0].field_mapping[1].field` sends column `b` to `contacts.default`, but column `a` already fills "
            "`contacts`; keep one of the two."
        ),
    ),
    (
        mapped(("a", "contacts.default.email1"), ("b", "contacts")),
        "streams[0].field_mapping[1].field",
        (
            "`streams[0].field_mapping[1].field` sends column `b` to `contacts`, but column `a` already fills "
            "`contacts.default.email1`; keep one of the two."
        ),
    ),
    (
        {"rejected_rows": {"policy": "ignore"}},
        "rejected_rows.policy",
        "`rejected_rows.policy` must be `report`, `continue` or `stop`.",
    ),
    (
        {"rejected_rows": {"max_rows": 1}},
        "rejected_rows.policy",
        "`rejected_rows.policy` is missing; set it to `report`, `continue` or `stop`.",
    ),
    (
        {"rejected_rows": {"policy": "report", "max_rows": 1}},
        "rejected_rows.max_rows",
        (
            "`rejected_rows.max_rows` is not used when `rejected_rows.policy` is `report`; "
            "remove it or set `rejected_rows.policy` to `stop`."
        ),
    ),
    ({"rejected_rows": {"policy": "stop"}}, "rejected_rows.max_rows", LIMITS),
    (
        {"rejected_rows": {"policy": "stop", "max_rows": -1}},
        "rejected_rows.max_rows",
        "`rejected_rows.max_rows` must be a whole number of 0 or more.",
    ),
    (
        {"rejected_rows": {"policy": "stop", "max_percent": 101}},
        "rejected_rows.max_percent",
        "`rejected_rows.max_percent` must be a number from 0 to 100.",
    ),
    (
        {"rejected_rows": {"policy": "stop", "max_percent": float("nan")}},
        "rejected_rows.max_percent",
        "`rejected_rows.max_percent` must be a number from 0 to 100; it is text.",
    ),
    (
        {"request_timeout_seconds": 0},
        "request_timeout_seconds",
        "`request_timeout_seconds` must be a whole number from 1 to 900.",
    ),
    (
        {"request_timeout_seconds": 1.5},
        "request_timeout_seconds",
        "`request_timeout_seconds` must be a whole number from 1 to 900; it is a number.",
    ),
    (
        {"request_timeout_seconds": "120"},
        "request_timeout_seconds",
        "`request_timeout_seconds` must be a whole number from 1 to 900; it is text.",
    ),
    (
        {"max_retries": True},
        "max_retries",
        "`max_retries` must be a whole number from 0 to 10; it is true or false.",
    ),
    ({"max_retries": 11}, "max_retries", "`max_retries` must be a whole number from 0 to 10."),
    ({"dry_run": "yes"}, "dry_run", "`dry_run` must be true or false; it is text."),
    ({"api_url": {"host": "x"}}, "api_url", "`api_url` must be text; it is an object."),
    (
        {"api_url": "api.intacct.com"},
        "api_url",
        "`api_url` must be an https address without spaces, query or fragment.",
    ),
    (
        {"api_url": "https://api.intacct.com/?v=1"},
        "api_url",
        "`api_url` must be an https address without spaces, query or fragment.",
    ),
    ({"api_url": "http://api.intacct.com/ia/api/v1"}, "api_url", HTTPS),
    ({"api_url": "http://127.0.0.1.example.com/"}, "api_url", HTTPS),
    ({"api_url": "http://localhost@example.com/"}, "api_url", HOST_FORM),
    ({"api_url": "https://me:demo-secret@example.com/"}, "api_url", HOST_FORM),
    ({"api_url": "https://example.com:port/"}, "api_url", HOST_FORM),
    ({"api_url": "https://[::1/"}, "api_url", HOST_FORM),
    ({"api_url": "https:///ia/api/v1"}, "api_url", HOST_FORM),
]


@pytest.mark.parametrize(("change", "key", "sentence"), WRONG, ids=lambda part: None if isinstance(part, dict) else "")
def test_a_wrong_setting_is_named_with_its_remedy(change, key, sentence):
    with pytest.raises(ConfigError) as raised:
        parse_config({**LEAST, **change})

    assert str(raised.value) == sentence
    assert raised.value.key == key


@pytest.mark.parametrize(("raw", "kind"), [(None, "nothing"), ("{}", "text"), ([], "a list"), (1, "a number")])
def test_a_configuration_that_is_no_object_is_refused(raw, kind):
    with pytest.raises(ConfigError) as raised:
        parse_config(raw)

    assert str(raised.value) == f"The configuration must be an object of settings; it is {kind}."
    assert raised.value.key == ""


def test_a_misspelt_setting_is_told_before_the_missing_one():
    with pytest.raises(ConfigError) as raised:
        parse_config({"compnay_id": "demo"})

    assert str(raised.value) == "`compnay_id` is not a setting; did you mean `company_id`?"


def test_what_is_not_set_takes_the_defaults():
    assert parse_config(LEAST) == Config(company_id="demo", credentials=AccessToken("demo-access-token"))


FULL: dict[str, Any] = {
    "company_id": "demo",
    "entity_id": "100",
    "credentials": {**OAUTH, "access_token": "demo-access-token"},
    "object_type": "Custom object",
    "custom_object_path": "platform-apps/nsp::subscription",
    "operation": "upsert",
    "matching": {"by": "record_key", "field": "sage_key"},
    "streams": [
        {
            "stream": "vendors",
            "namespace": "public",
            "object_type": "Vendor",
            "operation": "insert",
            "matching": {"by": "record_key", "field": "key"},
            "field_mapping": [{"column": "mail", "field": "contacts.default.email1"}],
        }
    ],
    "null_values": "clear",
    "request_timeout_seconds": 60,
    "max_retries": 0,
    "rejected_rows": {"policy": "stop", "max_rows": 0, "max_percent": 2.5},
    "dry_run": True,
    "api_url": "http://localhost:8080/ia/api/v1",
}


def test_every_setting_reaches_the_configuration():
    assert parse_config(FULL) == Config(
        company_id="demo",
        entity_id="100",
        credentials=OAuth("demo-client", "demo-secret", "demo-refresh-token", "demo-access-token"),
        object_type="Custom object",
        custom_object_path="platform-apps/nsp::subscription",
        operation="upsert",
        matching=MatchByRecordKey("sage_key"),
        streams=(
            StreamSettings(
                stream="vendors",
                namespace="public",
                object_type="Vendor",
                operation="insert",
                matching=MatchByRecordKey("key"),
                field_mapping=(FieldMapping("mail", "contacts.default.email1"),),
            ),
        ),
        null_values="clear",
        request_timeout_seconds=60,
        max_retries=0,
        rejected_rows=RejectedRows("stop", 0, 2.5),
        dry_run=True,
        api_url="http://localhost:8080/ia/api/v1",
    )


@pytest.mark.parametrize(
    ("given_credentials", "credentials"),
    [
        (TOKEN, AccessToken("demo-access-token")),
        (CLIENT, ClientCredentials("demo-client", "demo-secret", "demo")),
        (OAUTH, OAuth("demo-client", "demo-secret", "demo-refresh-token")),
        (
            {**without(OAUTH, "refresh_token"), "access_token": "demo-access-token"},
            OAuth("demo-client", "demo-secret", access_token="demo-access-token"),
        ),
    ],
)
def test_each_way_to_sign_in_is_accepted(given_credentials, credentials):
    assert parse_config({**LEAST, "credentials": given_credentials}).credentials == credentials


def test_nulls_and_empty_texts_count_as_not_set():
    names = load_spec()["connectionSpecification"]["properties"].keys() - LEAST.keys()

    assert parse_config({**LEAST, **dict.fromkeys(names)}) == parse_config(LEAST)
    assert parse_config({**LEAST, **dict.fromkeys(names, "")}) == parse_config(LEAST)
    assert parse_config({**LEAST, "matching": {"by": "record_key", "field": None}}) == parse_config(LEAST)


def test_space_around_a_value_is_dropped_but_not_around_the_names_of_the_source():
    config = parse_config(
        {
            "company_id": " demo ",
            "credentials": {**TOKEN, "access_token": "demo-access-token\n"},
            "streams": [{"stream": " odd ", "field_mapping": [{"column": "col ", "field": " name "}]}],
        }
    )

    assert config.company_id == "demo"
    assert config.credentials == AccessToken("demo-access-token")
    assert config.streams == (StreamSettings(" odd ", field_mapping=(FieldMapping("col ", "name"),)),)


def test_the_platforms_own_keys_are_ignored():
    own = {"_internal": 1, "__injected": {}, "airbyte_hidden_key": "x"}

    assert parse_config({**LEAST, **own, "credentials": {**TOKEN, "_source": "ui"}}) == parse_config(LEAST)


def test_a_whole_number_may_come_with_a_decimal_point():
    config = parse_config({**LEAST, "request_timeout_seconds": 60.0, "max_retries": 0.0})

    assert (config.request_timeout_seconds, config.max_retries) == (60, 0)
    assert isinstance(config.request_timeout_seconds, int)


@pytest.mark.parametrize(
    ("given_url", "url"),
    [
        ("https://api.intacct.com/ia/api/v1/", "https://api.intacct.com/ia/api/v1"),
        ("https://gateway.example.com:8443/sage", "https://gateway.example.com:8443/sage"),
        ("http://127.0.0.1:4711/ia/api/v1", "http://127.0.0.1:4711/ia/api/v1"),
        ("http://127.8.9.1", "http://127.8.9.1"),
        ("http://[::1]:4711/ia/api/v1", "http://[::1]:4711/ia/api/v1"),
        ("http://LOCALHOST:4711", "http://LOCALHOST:4711"),
        ("http://host.docker.internal:4711/ia/api/v1", "http://host.docker.internal:4711/ia/api/v1"),
    ],
)
def test_an_api_address_is_https_or_on_this_machine(given_url, url):
    assert parse_config({**LEAST, "api_url": given_url}).api_url == url


@pytest.mark.parametrize(
    "path",
    [
        "platform-apps/nsp::subscription",
        "platform-apps/nsp::MY_OBJECT-2",
        "order-entry/document::Sales Invoice",
        "company-config/department",
        "accounts-receivable/customer-type",
    ],
)
def test_any_object_of_the_api_can_be_the_custom_object(path):
    config = parse_config({**LEAST, "object_type": "Custom object", "custom_object_path": path})

    assert config.custom_object_path == path


def test_one_column_may_fill_two_fields():
    pairs = [("mail", "contacts.default.email1"), ("mail", "contacts.default.email2"), ("n", "contact")]

    streams = parse_config({**LEAST, **mapped(*pairs)}).streams

    assert streams[0].field_mapping == tuple(FieldMapping(*pair) for pair in pairs)


def test_a_stream_without_an_entry_takes_the_settings_of_all():
    config = Config("demo", AccessToken("t"), object_type="Vendor", operation="update")

    assert config.settings_for("public", "vendors") == StreamSettings(
        "vendors", "public", "Vendor", None, "update", MatchByRecordKey()
    )


def test_an_entry_refines_what_it_names_and_leaves_the_rest():
    entry = StreamSettings("a", operation="insert", field_mapping=(FieldMapping("x", "y"),))
    config = Config("demo", AccessToken("t"), object_type="Vendor", operation="update", streams=(entry,))

    assert config.settings_for(None, "a") == StreamSettings(
        "a", None, "Vendor", None, "insert", MatchByRecordKey(), (FieldMapping("x", "y"),)
    )
    assert config.settings_for(None, "b").operation == "update"


def test_an_entry_without_a_namespace_holds_in_every_namespace_and_one_with_wins():
    mapping = (FieldMapping("x", "y"),)
    special = StreamSettings("a", "eu", object_type="Vendor", matching=MatchByRecordKey("key"))
    general = StreamSettings("a", object_type="Customer", operation="insert", field_mapping=mapping)
    config = Config("demo", AccessToken("t"), streams=(special, general))

    for namespace in (None, "us"):
        settings = config.settings_for(namespace, "a")
        assert settings == dataclasses.replace(general, namespace=namespace, matching=MatchByRecordKey())
    assert config.settings_for("eu", "a") == StreamSettings(
        "a", "eu", "Vendor", None, "insert", MatchByRecordKey("key"), mapping
    )


def test_an_entry_with_a_namespace_does_not_touch_the_stream_elsewhere():
    config = Config("demo", AccessToken("t"), streams=(StreamSettings("a", "eu", operation="insert"),))

    assert config.settings_for(None, "a").operation == "auto"
    assert config.settings_for("us", "a").operation == "auto"


def test_object_and_custom_path_travel_together():
    entries = (
        StreamSettings("plain", object_type="Vendor"),
        StreamSettings("own", object_type="Custom object", custom_object_path="platform-apps/nsp::own"),
    )
    config = Config(
        "demo",
        AccessToken("t"),
        object_type="Custom object",
        custom_object_path="platform-apps/nsp::default",
        streams=entries,
    )

    targets = {
        stream: (settings.object_type, settings.custom_object_path)
        for stream in ("plain", "own", "other")
        for settings in [config.settings_for(None, stream)]
    }
    assert targets == {
        "plain": ("Vendor", None),
        "own": ("Custom object", "platform-apps/nsp::own"),
        "other": ("Custom object", "platform-apps/nsp::default"),
    }


def test_what_is_accepted_also_passes_airbytes_own_validation():
    validator = Draft7Validator(load_spec()["connectionSpecification"])
    rejections = {"policy": "stop", "max_percent": 5}

    for credentials in (TOKEN, OAUTH, CLIENT):
        raw = {**LEAST, **mapped(("a", "name")), "credentials": credentials, "rejected_rows": rejections}
        parse_config(raw)
        validator.validate(raw)


def test_parsing_does_not_change_what_it_was_given():
    raw = {**LEAST, "entity_id": None, "streams": [{"stream": "a", "namespace": ""}]}
    before = copy.deepcopy(raw)

    parse_config(raw)

    assert raw == before


def test_secrets_do_not_show_in_the_representation():
    for credentials in (TOKEN, OAUTH, CLIENT):
        text = repr(parse_config({**LEAST, "credentials": credentials}))
        assert not [secret for secret in secret_values(credentials) if secret in text]


def test_secrets_are_found_also_in_a_wrong_configuration():
    raw = {
        "client_secret": "misplaced",
        "credentials": {
            "auth_type": "OAuth",
            "client_id": " id ",
            "client_secret": None,
            "refresh_token": ["in", "a list"],
            "access_token": 12345,
            "user_id": "demo",
        },
        "streams": [{"access_token": {"deep": "inside"}}, {"refresh_token": "in"}],
        "company_id": "demo",
    }

    assert secret_values(raw) == ["misplaced", "id", "in", "a list", "12345", "inside"]


@pytest.mark.parametrize("raw", [None, [], "text", 1, {}, {"credentials": None}, {"credentials": {"client_id": True}}])
def test_nothing_secret_is_nothing_found(raw):
    assert secret_values(raw) == []


def refusal(raw: dict[str, Any]) -> str:
    """All that the error of a wrong configuration could show; empty for a right one."""
    try:
        parse_config(raw)
    except ConfigError as error:
        return f"{error!r} {error.key} {error.__context__!r}"
    return ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=4,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each value inside a JSON value."""
    yield path
    for step, inner in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from places(inner, (*path, step))


@given(path=st.sampled_from([path for path in places(FULL) if path]), value=JSON)
def test_whatever_is_wrong_is_told_in_one_sentence(path, value):
    raw = copy.deepcopy(FULL)
    parent = raw
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value

    try:
        parse_config(raw)
    except ConfigError as error:
        sentence, key = str(error), error.key
    else:
        sentence, key = f"`{path[0]}`.", path[0]  # the value happens to be a right one
    assert sentence.startswith(f"`{key}`")
    assert sentence.endswith((".", "?"))


# Capitals and digits that occur in no sentence of ours, so that any trace of a secret is one.
SECRETS = st.text("QXZ0189#%", min_size=6, max_size=24).map(lambda text: f"QQ{text}ZZ")


@given(
    secrets=st.lists(SECRETS, min_size=4, max_size=4, unique=True),
    auth_type=st.sampled_from(["oauth2.0", "client_credentials", "access_token", "oauth", None, 3]),
    dropped=st.sets(st.sampled_from(["client_id", "client_secret", "refresh_token", "access_token", "auth_type"])),
    shape=st.sampled_from(["text", "list", "object", "top"]),
    change=st.sampled_from([change for change, _, _ in WRONG]),
)
def test_no_error_holds_a_secret(secrets, auth_type, dropped, shape, change):
    names = ["client_id", "client_secret", "refresh_token", "access_token"]
    shaped = {"list": lambda secret: [secret], "object": lambda secret: {"access_token": secret}}
    held = dict(zip(names, map(shaped.get(shape, str), secrets), strict=True))
    credentials: dict[str, Any] = without({"auth_type": auth_type, **held}, *dropped)
    raw = {**LEAST, "credentials": credentials, **without(change, "credentials")}
    if shape == "top":
        raw |= held

    assert "QQ" not in refusal(raw)
    assert set(secret_values(raw)) >= {
        secret for name, secret in zip(names, secrets, strict=True) if name not in dropped
    }


def test_a_configuration_file_is_read(tmp_path):
    path = tmp_path / "config.json"
    path.write_text("\ufeff" + json.dumps(LEAST), "utf-8")

    assert read_config(path) == LEAST


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty; fill in at least the required settings."),
        (b" \n", "is empty; fill in at least the required settings."),
        (b'{\n  "company_id": demo-secret\n}', "is not JSON at line 2, column 17; correct it there."),
        (b'{"company_id": "demo"', "is not JSON at line 1, column 22; correct it there."),
        (b'{"a": 1} demo-secret', "is not JSON at line 1, column 10; correct it there."),
        (b'["demo-secret"]', "must hold an object of settings; it holds a list."),
        (b"null", "must hold an object of settings; it holds nothing."),
        (b'{"company_id": "\xff"}', "is not text in UTF-8; save it as UTF-8."),
        (b'{"max_retries": ' + b"1" * 5000 + b"}", "is not JSON that can be read; correct it."),
        (b"[" * 100_000, "is not JSON that can be read; correct it."),
    ],
    ids=range(10),
)
def test_a_file_that_cannot_be_used_is_told_without_its_content(tmp_path: Path, content, problem):
    path = tmp_path / "config.json"
    path.write_bytes(content)

    with pytest.raises(ConfigError) as raised:
        read_config(path)

    assert str(raised.value) == f"The configuration file {path} {problem}"
    assert "demo-secret" not in "".join(traceback.format_exception(raised.value))


def test_a_missing_file_is_told_with_its_path(tmp_path: Path):
    path = tmp_path / "config.json"
    expected = f"The configuration file {path} cannot be read (No such file or directory); check the path."

    with pytest.raises(ConfigError) as raised:
        read_config(path)
    assert str(raised.value) == expected

    with pytest.raises(ConfigError, match="Is a directory"):
        read_config(tmp_path)
