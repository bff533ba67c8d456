"""A configuration that cannot work is told in one sentence that names the setting, and is never a defect of ours."""

import copy
import io
import json

import pytest
from configurations import CLIENT, FULL, LEAST, OAUTH, TOKEN
from fakes import NOT_SENT, FakeClock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from destination_sage_intacct.application import Application
from destination_sage_intacct.config import ConfigError, parse_config, secret_values
from destination_sage_intacct.intacct.errors import AuthenticationError, OutageError
from destination_sage_intacct.protocol.catalog import CatalogError, read_catalog
from destination_sage_intacct.protocol.output import Output

NESTED: dict = {}
inner = NESTED
for _ in range(400):
    inner["a"] = inner = {}

BROKEN = [
    "\ud800",
    "a\udfffb",
    "line\nbreak",
    "\u4e2d\u6587",
    "\x00",
    "x" * 100_000,
    "\ufeff",
    "http://[",
    "https://a..b",
    "\u200b",
]
ODD = st.one_of(
    st.sampled_from(
        [None, True, 0, -1, 10**40, 1.5, float("nan"), float("inf"), [], {}, [[]], [{}], [None], {"a": 1}, NESTED]
    ),
    st.sampled_from(BROKEN),
    st.sampled_from(BROKEN).map(lambda text: [text]),
    st.sampled_from(BROKEN).map(lambda text: {text: text}),
    st.text(st.characters(), max_size=20),
)
CATALOG = {
    "streams": [
        {
            "stream": {
                "name": "customers",
                "namespace": "public",
                "json_schema": {"type": "object", "properties": {"id": {"type": "string"}}},
                "supported_sync_modes": ["full_refresh"],
            },
            "sync_mode": "incremental",
            "destination_sync_mode": "append_dedup",
            "primary_key": [["id"]],
            "cursor_field": ["id"],
            "generation_id": 1,
            "minimum_generation_id": 0,
            "sync_id": 1,
            "destination_object_name": "Customer",
        }
    ]
}


def places(value, path=()):
    """Yield the path of everything within a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, held in inside:
        yield (*path, name)
        yield from places(held, (*path, name))


def changed(whole, place, odd):
    """Return a copy with something odd at one place."""
    copied = copy.deepcopy(whole)
    at = copied
    for name in place[:-1]:
        at = at[name]
    at[place[-1]] = odd
    return copied


def mutations(*wholes):
    options = [(whole, place) for whole in wholes for place in places(whole)]
    return st.builds(lambda chosen, odd: changed(*chosen, odd), st.sampled_from(options), ODD)


@pytest.fixture
def no_network(monkeypatch):
    monkeypatch.setattr("destination_sage_intacct.connect.RequestsTransport", lambda *_: lambda _: NOT_SENT)
    monkeypatch.setattr("destination_sage_intacct.application.SystemClock", FakeClock)


WHOLE = [{**FULL, "credentials": each} for each in (TOKEN, CLIENT, {**OAUTH, "access_token": "demo-access-token"})]


@given(config=mutations(*WHOLE, {**LEAST, "object_type": "Customer", "zz": {"a": []}}))
@settings(
    max_examples=30,  # each signs in, and asks the object storage
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.large_base_example],
)
def test_check_answers_whatever_a_setting_holds(no_network, config):
    del no_network
    stream = io.BytesIO()
    said = Application(stream).check(config)
    Output(stream).connection_status(said)

    status = json.loads(stream.getvalue().splitlines()[-1])
    assert status["type"] == "CONNECTION_STATUS"


@given(config=mutations(*WHOLE))
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.large_base_example],
)
def test_write_and_discover_blame_the_configuration_or_the_network(no_network, config):
    del no_network
    for verb in (lambda to: to.discover(config), lambda to: to.write(config, CATALOG, ())):
        # Only a sync may use a refresh token up, so without an access token the others cannot sign in.
        with pytest.raises((ConfigError, OutageError, AuthenticationError)):
            verb(Application(io.BytesIO()))


@given(catalog=mutations(CATALOG))
@settings(max_examples=300, deadline=None)
def test_a_catalog_is_read_or_refused_whatever_it_holds(catalog):
    try:
        streams = read_catalog(catalog)
    except CatalogError:
        return
    assert all(isinstance(stream.key.name, str) for stream in streams)


@pytest.mark.parametrize("name", ["client_id", "client_secret", "access_token", "refresh_token"])
@pytest.mark.parametrize("held", ["to\nken", "to\tken", "token\u4e2d", "token\u200b", "to\x00ken"])
def test_what_no_credential_holds_is_named_without_its_value(name, held):
    with pytest.raises(ConfigError) as caught:
        parse_config({**LEAST, "credentials": {**OAUTH, name: held}})

    assert str(caught.value) == (
        f"`credentials.{name}` holds a line break or a character outside ASCII, which cannot be right; copy it again, "
        "complete and with nothing around it."
    )


def test_blanks_and_line_breaks_around_a_credential_are_left_away():
    config = parse_config({**LEAST, "credentials": {**TOKEN, "access_token": "\n\tdemo-access-token \r\n"}})

    assert config.credentials.access_token == "demo-access-token"


@pytest.mark.parametrize(("setting", "key"), [("company_id", "company_id"), ("user_id", "credentials.user_id")])
def test_an_id_with_a_line_break_is_named(setting, key):
    raw = {"company_id": "demo", "credentials": CLIENT}
    broken = (
        {**raw, "company_id": "de\nmo"}
        if setting == "company_id"
        else {**raw, "credentials": {**CLIENT, "user_id": "a\nb"}}
    )
    with pytest.raises(ConfigError) as caught:
        parse_config(broken)

    assert str(caught.value) == f"`{key}` holds a line break or another character that cannot be seen; enter it again."


def test_half_a_character_is_named_by_its_setting():
    with pytest.raises(ConfigError) as caught:
        parse_config({**LEAST, "streams": [{"stream": "a\ud83d"}]})

    assert str(caught.value) == "`streams[0].stream` holds half a character, which is not valid text; enter it again."


def test_settings_nested_too_deep_are_refused_and_their_secrets_searched_without_end():
    deep = {**LEAST, "zz": NESTED}
    with pytest.raises(ConfigError, match="nested too deep"):
        parse_config(deep)

    assert secret_values(deep) == ["demo-access-token"]


@pytest.mark.parametrize(
    "url",
    [
        "https://a..b/ia",
        "https://.a/ia",
        "https://" + "a" * 64 + ".b/ia",
        "https://" + "a." * 140 + "b/ia",
        "https://[::1]x/ia",
        "https://[1::2::3]/ia",
        "https://[v1.a]/ia",
        "https://a\\b/ia",
        "https://a b/ia",
        "https://a/i a",
        "https://a/i\na",
        "https://127.0.0.1:65536/ia",
        "https://127.0.0.1:0/ia",
        "https://127.0.0.1:/ia",
        "https://*.b/ia",
        "https://a%00b/ia",
        "https://b\xfccher.example/ia",
        "https://a/ia?x=1",
        "https://a/ia#x",
        "https://user@a/ia",
        "https://:443/ia",
        "https:///ia",
        "api.intacct.com/ia/api/v1",
    ],
)
def test_an_address_that_no_host_has_is_named(url):
    with pytest.raises(ConfigError) as caught:
        parse_config({**LEAST, "api_url": url})

    assert caught.value.key == "api_url"


@pytest.mark.parametrize("scheme", ["ftp", "file", "gopher", "httpx"])
def test_no_other_protocol_leads_to_this_machine(scheme):
    with pytest.raises(ConfigError, match="`api_url` must be an https address"):
        parse_config({**LEAST, "api_url": f"{scheme}://localhost/ia"})


@pytest.mark.parametrize(
    "url",
    [
        "https://api.intacct.com./ia/api/v1",
        "https://[2001:db8::1]:8443/ia",
        "http://[::1]:8080/ia",
        "http://localhost:1/ia",
        "http://host.docker.internal:1/ia",
        "https://under_score.example/ia",
    ],
)
def test_an_address_of_each_form_is_taken(url):
    assert parse_config({**LEAST, "api_url": url}).api_url == url
