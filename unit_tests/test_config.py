import copy
import dataclasses

import pytest
from configurations import CLIENT, FULL, LEAST, OAUTH, STORED, TOKEN, mapped, without
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
)

WRONG = [*WRONG_SETTINGS, *WRONG_MATCHING, *WRONG_LINES, *WRONG_STREAMS]


@pytest.mark.parametrize(("change", "key", "sentence"), WRONG, ids=lambda part: None if isinstance(part, dict) else "")
def test_a_wrong_setting_is_named_with_its_remedy(change, key, sentence):
    with pytest.raises(ConfigError) as raised:
        parse_config({**LEAST, **change})

    assert str(raised.value) == sentence
    assert raised.value.key == key


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (None, "The configuration must be an object of settings; it is nothing."),
        ("{}", "The configuration must be an object of settings; it is text."),
        ([], "The configuration must be an object of settings; it is a list."),
        (1, "The configuration must be an object of settings; it is a number."),
        # A misspelt setting is told before the missing one.
        ({"compnay_id": "demo"}, "`compnay_id` is not a setting; did you mean `company_id`?"),
    ],
)
def test_a_configuration_that_is_no_object_of_settings_is_refused(raw, sentence):
    with pytest.raises(ConfigError) as raised:
        parse_config(raw)

    assert str(raised.value) == sentence
    assert raised.value.key == ("compnay_id" if isinstance(raw, dict) else "")


OF_ANOTHER_VERSION = "is not a setting of this version of the connector and is not used."
OF_ANOTHER_BRANCH = "`{0}.{1}` is not used, as `{0}.{2}` is `{3}`; remove it or set `{0}.{2}` to {4}."


@pytest.mark.parametrize(
    ("change", "used", "sentence"),
    [
        ({"colour": "blue"}, {}, f"`colour` {OF_ANOTHER_VERSION}"),
        (
            {"streams": [{"stream": "a"}, {"stream": "b", "paint": "Vendor"}]},
            {"streams": [{"stream": "a"}, {"stream": "b"}]},
            f"`streams[1].paint` {OF_ANOTHER_VERSION}",
        ),
        (
            {"credentials": {**OAUTH, "user_id": "demo"}},
            {"credentials": OAUTH},
            OF_ANOTHER_BRANCH.format("credentials", "user_id", "auth_type", "oauth2.0", "`client_credentials`"),
        ),
        (
            {"credentials": {**TOKEN, "client_id": "demo-client"}},
            {"credentials": TOKEN},
            OF_ANOTHER_BRANCH.format(
                "credentials", "client_id", "auth_type", "access_token", "`client_credentials` or `oauth2.0`"
            ),
        ),
        (
            {"rejected_rows": {"policy": "report", "max_rows": 1}},
            {"rejected_rows": {"policy": "report"}},
            OF_ANOTHER_BRANCH.format("rejected_rows", "max_rows", "policy", "report", "`stop`"),
        ),
        (
            {"matching": {"by": "record_key", "fields": ["id"]}},
            {"matching": {"by": "record_key"}},
            OF_ANOTHER_BRANCH.format("matching", "fields", "by", "record_key", "`fields`"),
        ),
    ],
)
def test_a_setting_of_another_version_or_branch_is_told_and_not_used(change, used, sentence):
    parsed = parse_config({**LEAST, **change})

    assert parsed.ignored_settings == (sentence,)
    assert dataclasses.replace(parsed, ignored_settings=()) == parse_config({**LEAST, **used})


NAMES = load_spec()["connectionSpecification"]["properties"].keys() - LEAST.keys()


@pytest.mark.parametrize(
    "untouched",
    [
        {"streams": []},
        {"matching": {}},
        {"rejected_rows": {}, "object_storage_config": {}},
        {"entity_id": " ", "custom_object_path": ""},
        {"matching": {"by": "record_key", "field": None}},
        dict.fromkeys(NAMES),
        dict.fromkeys(NAMES, ""),
        # The platform's own keys.
        {"_internal": 1, "__injected": {}, "airbyte_hidden_key": "x", "credentials": {**TOKEN, "_source": "ui"}},
    ],
    ids=range(8),
)
def test_what_a_form_stores_untouched_and_what_is_the_platforms_own_means_not_given(untouched):
    assert parse_config({**LEAST, **untouched}) == Config("demo", AccessToken("demo-access-token"))


@pytest.mark.parametrize(
    "untouched",
    [
        {"matching": {"by": "default"}, "lines": {"rows": "records"}},
        {"matching": {}, "lines": {}, "field_mapping": []},
        {"lines": {"fields": []}, "operation": "", "entity_field": None},
    ],
)
def test_an_entry_of_streams_that_is_left_as_the_form_makes_it_is_only_a_name(untouched):
    given = {**LEAST, "matching": {"by": "fields", "fields": ["id"]}}

    entry = parse_config({**given, "streams": [{"stream": "a", **untouched}]})

    assert entry.streams == (StreamSettings("a"),)
    assert entry.settings_for(None, "a").matching == MatchByFields(("id",))


def test_a_configuration_written_by_hand_needs_no_mark_for_rows_that_are_lines():
    lines = {"group_by": ["no"], "fields": [{"column": "amount", "field": "txnAmount"}]}

    by_hand = parse_config({**LEAST, "streams": [{"stream": "a", "lines": lines}]})

    assert by_hand == parse_config({**LEAST, "streams": [{"stream": "a", "lines": {"rows": "lines", **lines}}]})
    assert by_hand.streams[0].lines == Lines(("no",), (FieldMapping("amount", "txnAmount"),))


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
                matching=MatchByFields(("name", "term.id")),
                field_mapping=(FieldMapping("mail", "contacts.default.email1"),),
            ),
            StreamSettings(
                stream="entries",
                object_type="Journal Entry",
                lines=Lines(("book ", "number"), (FieldMapping("amount ", "txnAmount"),)),
                entity_field=" entity",
            ),
        ),
        default_for_other_streams=True,
        null_values="clear",
        lines_on_update="ignore",
        on_source_delete="delete",
        source_delete_column="_fivetran_deleted",
        reactivate_returned_rows=True,
        show_rejected_values=True,
        skip_unchanged=False,
        resend_after_48_hours=True,
        max_concurrency=20,
        batch_size=1,
        request_timeout_seconds=60,
        max_retries=0,
        rejected_rows=RejectedRows("stop", 0, 2.5),
        object_storage_config=STORED,
        dry_run=True,
        api_url="http://localhost:8080/ia/api/v1",
    )


PATHS = ("platform-apps/nsp::MY_OBJECT-2", "order-entry/document::Sales Invoice", "company-config/department")
KEYS = (["id"], ["customer.id", "invoiceNumber"], ["a", "b", "c", "d", "nsp::E"])
ON_THIS_MACHINE = (
    "127.0.0.1:4711/ia/api/v1",
    "127.8.9.1",
    "[::1]:4711",
    "LOCALHOST:4711",
    "host.docker.internal:4711/x",
)
PAIRS = [("mail", "contacts.default.email1"), ("mail", "contacts.default.email2"), ("n", "contact")]


@pytest.mark.parametrize(
    ("change", "name", "value"),
    [
        ({"credentials": TOKEN}, "credentials", AccessToken("demo-access-token")),
        ({"credentials": CLIENT}, "credentials", ClientCredentials("demo-client", "demo-secret", "demo")),
        ({"credentials": OAUTH}, "credentials", OAuth("demo-client", "demo-secret", "demo-refresh-token")),
        (
            {"credentials": without(OAUTH, "refresh_token") | {"access_token": "t"}},
            "credentials",
            OAuth("demo-client", "demo-secret", access_token="t"),
        ),
        # A whole number may come with a decimal point.
        ({"request_timeout_seconds": 60.0}, "request_timeout_seconds", 60),
        ({"max_retries": 0.0}, "max_retries", 0),
        # An address is https or on this machine; any object can be the custom one; one to five fields make a key.
        ({"api_url": "https://gateway.example.com:8443/sage/"}, "api_url", "https://gateway.example.com:8443/sage"),
        *(({"api_url": f"http://{host}"}, "api_url", f"http://{host}") for host in ON_THIS_MACHINE),
        *(({"object_type": "Custom object", "custom_object_path": path}, "custom_object_path", path) for path in PATHS),
        *(({"matching": {"by": "fields", "fields": key}}, "matching", MatchByFields(tuple(key))) for key in KEYS),
        # One column may fill two fields.
        (
            mapped(*PAIRS),
            "streams",
            (StreamSettings("customers", field_mapping=tuple(FieldMapping(*p) for p in PAIRS)),),
        ),
        # Space around a value is dropped, but not around the names of the source.
        ({"company_id": " demo "}, "company_id", "demo"),
        ({"credentials": {**TOKEN, "access_token": "secret\n"}}, "credentials", AccessToken("secret")),
        ({"matching": {"by": "fields", "fields": [" id"]}}, "matching", MatchByFields(("id",))),
        (
            {"streams": [{"stream": " odd ", "field_mapping": [{"column": "col ", "field": " name "}]}]},
            "streams",
            (StreamSettings(" odd ", field_mapping=(FieldMapping("col ", "name"),)),),
        ),
    ],
)
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


@pytest.mark.parametrize(
    ("entries", "of_all", "settings"),
    [
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
    ],
    ids=range(11),
)
def test_an_entry_refines_the_settings_of_all(entries, of_all, settings):
    config = Config("demo", AccessToken("t"), streams=entries, **of_all)

    assert config.settings_for(settings.namespace, "a") == settings


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
