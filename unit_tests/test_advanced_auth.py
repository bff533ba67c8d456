"""`advanced_auth` in spec.json speaks of settings that the form has, and of the server that is the default."""

from typing import Any

from destination_sage_intacct.config import load_spec
from destination_sage_intacct.config.spec import settings_of

Json = Any

SPEC = load_spec()
AUTH: Json = SPEC["advanced_auth"]
OAUTH: Json = AUTH["oauth_config_specification"]
FLOW: Json = OAUTH["oauth_connector_input_specification"]
BRANCHES: list[Json] = SPEC["connectionSpecification"]["properties"]["credentials"]["oneOf"]
(CHOSEN,) = [branch for branch in BRANCHES if branch["properties"]["auth_type"]["const"] == AUTH["predicate_value"]]
OUTPUTS = ("complete_oauth_output_specification", "complete_oauth_server_output_specification")


def test_the_button_fills_every_secret_of_one_way_of_signing_in_and_nothing_else():
    filled = [each["path_in_connector_config"] for kind in OUTPUTS for each in OAUTH[kind]["properties"].values()]
    secrets = [name for path, name, setting in settings_of(CHOSEN) if setting.get("airbyte_secret") and path == name]
    assert (AUTH["auth_flow_type"], AUTH["predicate_key"]) == ("oauth2.0", ["credentials", "auth_type"])
    assert CHOSEN["title"] == "OAuth 2.0"
    assert sorted(filled) == sorted(["credentials", name] for name in secrets)


def test_what_the_platform_keeps_and_takes_out_of_the_answer_is_what_it_fills_in():
    kept = OAUTH["complete_oauth_server_input_specification"]
    filled = OAUTH[OUTPUTS[0]]["properties"]
    assert kept["properties"].keys() == OAUTH[OUTPUTS[1]]["properties"].keys() == set(kept["required"])
    assert [[name] for name in FLOW["extract_output"]] == [each["path_in_oauth_response"] for each in filled.values()]


def test_both_addresses_are_on_the_default_server_and_the_tokens_can_be_typed_by_hand_too():
    """Airbyte asks that a connector works without the button (protocol, `AdvancedAuth`)."""
    default, typed = SPEC["connectionSpecification"]["properties"]["api_url"]["default"], CHOSEN["properties"]
    assert FLOW["consent_url"].startswith(f"{default}/oauth2/authorize?")
    assert FLOW["access_token_url"] == f"{default}/oauth2/token"
    assert {"client_id", "client_secret", "refresh_token", "access_token"} <= typed.keys()
    assert [name for name, setting in typed.items() if setting.get("airbyte_hidden")] == ["access_token_mark"]
