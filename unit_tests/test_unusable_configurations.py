"""A configuration that cannot work ends in one sentence that names the setting, and is never a defect of ours."""

import functools
import io
import json

import pytest
from configurations import CLIENT, FULL, LEAST, OAUTH, TOKEN
from fakes import NOT_SENT, FakeClock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from json_places import changed, places

from destination_sage_intacct.application import Application
from destination_sage_intacct.config import ConfigError, parse_config, secret_values
from destination_sage_intacct.intacct.errors import AuthenticationError, OutageError
from destination_sage_intacct.protocol.catalog import CatalogError, read_catalog
from destination_sage_intacct.protocol.output import Output

NESTED = functools.reduce(lambda held, _: {"a": held}, range(400), {})
BROKEN = ["\ud800", "a\udfffb", "line\nbreak", "\u4e2d\u6587", "\x00", "x" * 100_000]
BROKEN += ["\ufeff", "http://[", "https://a..b", "\u200b"]
NO_TEXT = [None, True, 0, -1, 10**40, 1.5, float("nan"), float("inf"), [], {}, [[]], [{}], [None], {"a": 1}, NESTED]
ODD = st.one_of(
    st.sampled_from(NO_TEXT),
    st.sampled_from(BROKEN),
    st.sampled_from(BROKEN).map(lambda text: [text]),
    st.sampled_from(BROKEN).map(lambda text: {text: text}),
    st.text(st.characters(), max_size=20),
)
CONFIGURED = {
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
CATALOG = {"streams": [CONFIGURED]}


def mutations(*wholes):
    options = [(whole, place) for whole in wholes for place in places(whole)]
    return st.builds(lambda chosen, odd: changed(*chosen, odd), st.sampled_from(options), ODD)


@pytest.fixture
def no_network(monkeypatch):
    monkeypatch.setattr("destination_sage_intacct.connect.RequestsTransport", lambda *_: lambda _: NOT_SENT)
    monkeypatch.setattr("destination_sage_intacct.application.SystemClock", FakeClock)


WHOLE = [{**FULL, "credentials": each} for each in (TOKEN, CLIENT, {**OAUTH, "access_token": "demo-access-token"})]
# Each example signs in, and asks the object storage.
few = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.large_base_example],
)


@given(config=mutations(*WHOLE, {**LEAST, "object_type": "Customer", "zz": {"a": []}}))
@few
def test_check_answers_whatever_a_setting_holds(no_network, config):
    del no_network
    stream = io.BytesIO()
    said = Application(stream).check(config)
    Output(stream).connection_status(said)
    assert json.loads(stream.getvalue().splitlines()[-1])["type"] == "CONNECTION_STATUS"


@given(config=mutations(*WHOLE))
@few
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


def refusal(**changes):
    with pytest.raises(ConfigError) as caught:
        parse_config({**LEAST, **changes})
    return str(caught.value)


@pytest.mark.parametrize("name", ["client_id", "client_secret", "access_token", "refresh_token"])
@pytest.mark.parametrize("held", ["to\nken", "to\tken", "token\u4e2d", "token\u200b", "to\x00ken"])
def test_what_no_credential_holds_is_named_without_its_value(name, held):
    said = f"`credentials.{name}` holds a line break or a character outside ASCII, which cannot be right; copy it again"
    assert refusal(credentials={**OAUTH, name: held}) == f"{said}, complete and with nothing around it."


def test_an_id_with_a_line_break_and_half_a_character_are_named():
    line_break = "holds a line break or another character that cannot be seen; enter it again."
    assert refusal(company_id="de\nmo", credentials=CLIENT) == f"`company_id` {line_break}"
    assert refusal(credentials={**CLIENT, "user_id": "a\nb"}) == f"`credentials.user_id` {line_break}"
    half = "`streams[0].stream` holds half a character, which is not valid text; enter it again."
    assert refusal(streams=[{"stream": "a\ud83d"}]) == half


def test_blanks_and_line_breaks_around_a_credential_are_left_away():
    config = parse_config({**LEAST, "credentials": {**TOKEN, "access_token": "\n\tdemo-access-token \r\n"}})
    assert config.credentials.access_token == "demo-access-token"


def test_settings_nested_too_deep_are_refused_and_their_secrets_searched_without_end():
    assert "nested too deep" in refusal(zz=NESTED)
    assert secret_values({**LEAST, "zz": NESTED}) == ["demo-access-token"]


@pytest.mark.parametrize(
    "url",
    [
        *("https://a..b/ia", "https://.a/ia", f"https://{'a' * 64}.b/ia", f"https://{'a.' * 140}b/ia"),
        *("https://[::1]x/ia", "https://[1::2::3]/ia", "https://[v1.a]/ia", "https://:443/ia"),
        *("https://a\\b/ia", "https://a b/ia", "https://a/i a", "https://a/i\na", "https://a%00b/ia"),
        *("https:///ia", "https://*.b/ia", "https://user@a/ia"),
        *("https://127.0.0.1:65536/ia", "https://127.0.0.1:0/ia", "https://127.0.0.1:/ia"),
        *("https://b\xfccher.example/ia", "https://a/ia?x=1", "https://a/ia#x", "api.intacct.com/ia/api/v1"),
        *(f"{scheme}://localhost/ia" for scheme in ("ftp", "file", "gopher", "httpx")),
    ],
)
def test_an_address_that_no_host_has_is_named(url):
    assert refusal(api_url=url).startswith("`api_url` must be ")


@pytest.mark.parametrize(
    "url",
    [
        *("https://api.intacct.com./ia/api/v1", "https://[2001:db8::1]:8443/ia", "https://under_score.example/ia"),
        *("http://[::1]:8080/ia", "http://localhost:1/ia", "http://host.docker.internal:1/ia"),
    ],
)
def test_an_address_of_each_form_is_taken(url):
    assert parse_config({**LEAST, "api_url": url}).api_url == url
