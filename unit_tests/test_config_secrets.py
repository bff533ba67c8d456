from typing import Any

import pytest
from configurations import CLIENT, FULL, LEAST, OAUTH, TOKEN, without
from hypothesis import given
from hypothesis import strategies as st
from json_places import changed, places
from wrong_matching import WRONG as WRONG_MATCHING
from wrong_settings import WRONG as WRONG_SETTINGS
from wrong_streams_and_limits import WRONG as WRONG_STREAMS

from destination_sage_intacct.config import ConfigError, parse_config, secret_values

WRONG = [*WRONG_SETTINGS, *WRONG_MATCHING, *WRONG_STREAMS]


def test_secrets_do_not_show_in_the_representation():
    for credentials in (TOKEN, OAUTH, CLIENT):
        text = repr(parse_config({**LEAST, "credentials": credentials}))
        assert not [secret for secret in secret_values(credentials) if secret in text]


ODD = {"client_id": " id ", "client_secret": None, "refresh_token": ["in", "a list"], "access_token": 12345}
IN_STREAMS = [{"access_token": {"deep": "inside"}}, {"refresh_token": "in"}]
WRONG_TYPES = {"client_secret": "misplaced", "credentials": ODD, "streams": IN_STREAMS, "company_id": "demo"}


@pytest.mark.parametrize(("raw", "secrets"), [
    (WRONG_TYPES, ["misplaced", "id", "in", "a list", "12345", "inside"]),
    *((none, []) for none in (None, [], "text", 1, {}, {"credentials": None}, {"credentials": {"client_id": True}})),
])  # fmt: skip
def test_secrets_are_found_also_in_a_wrong_configuration(raw, secrets):
    assert secret_values(raw) == secrets


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


@given(path=st.sampled_from([*places(FULL)]), value=JSON)
def test_whatever_is_wrong_is_said_in_one_sentence(path, value):
    try:
        parse_config(changed(FULL, path, value))
    except ConfigError as error:
        sentence, key = str(error), error.key
    else:
        sentence, key = f"`{path[0]}`.", path[0]  # the value happens to be a right one
    assert sentence.startswith(f"`{key}`")
    assert sentence.endswith((".", "?"))


NAMES = ["client_id", "client_secret", "refresh_token", "access_token"]
# Capitals and digits that occur in no sentence of ours, so that any trace of a secret is one.
SECRETS = st.text("QXZ0189#%", min_size=6, max_size=24).map(lambda text: f"QQ{text}ZZ")


@given(
    secrets=st.lists(SECRETS, min_size=4, max_size=4, unique=True),
    auth_type=st.sampled_from(["oauth2.0", "client_credentials", "access_token", "oauth", None, 3]),
    dropped=st.sets(st.sampled_from([*NAMES, "auth_type"])),
    shape=st.sampled_from(["text", "list", "object", "top"]),
    change=st.sampled_from([change for change, _, _ in WRONG]),
)
def test_no_error_holds_a_secret(secrets, auth_type, dropped, shape, change):
    shaped = {"list": lambda secret: [secret], "object": lambda secret: {"access_token": secret}}
    held = dict(zip(NAMES, map(shaped.get(shape, str), secrets), strict=True))
    credentials: dict[str, Any] = without({"auth_type": auth_type, **held}, *dropped)
    raw = {**LEAST, "credentials": credentials, **without(change, "credentials")}
    if shape == "top":
        raw |= held

    assert "QQ" not in refusal(raw)
    sent = {secret for name, secret in zip(NAMES, secrets, strict=True) if name not in dropped}
    assert set(secret_values(raw)) >= sent
