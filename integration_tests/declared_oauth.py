"""The sign-in button as the platform works it, from nothing but the connector's `advanced_auth`.

Its rules are those of the platform's own `DeclarativeOAuthFlow`, `DeclarativeOAuthSpecHandler` and `BaseOAuthFlow`.
"""

import base64
import copy
import hashlib
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

from jinja2 import Environment, StrictUndefined
from jsonschema import Draft7Validator

Json = Any

# What a template may name without declaring it: `client_id_key`, `client_id_value`, and so for each.
_NAMES = {
    "auth_code": "code",
    "client_id": "client_id",
    "client_secret": "client_secret",
    "redirect_uri": "redirect_uri",
    "scope": "scope",
    "state": "state",
}


class SignInError(Exception):
    """What the platform tells the user instead of tokens."""


@dataclass(frozen=True)
class DeclaredOAuth:
    """One declared flow; `base_url` takes the place of Sage's in every template.

    Args:
        advanced_auth: as in the spec.
        base_url: the server that is signed in to.
        application: client id and secret, kept by the platform for all its users.
        redirect_uri: where the browser comes back to.
    """

    advanced_auth: Json
    base_url: str
    application: Mapping[str, str]
    redirect_uri: str = "https://airbyte.example.com/auth_flow?form=destination&step=2"

    @property
    def declared(self) -> Json:
        return self.advanced_auth["oauth_config_specification"]["oauth_connector_input_specification"]

    def shows_the_button(self, config: Json) -> bool:
        """Return whether the form offers to sign in for what was chosen there."""
        return bool(_at(config, self.advanced_auth["predicate_key"]) == self.advanced_auth["predicate_value"])

    def consent_url(self, state: str) -> str:
        """Return the page that the browser is sent to."""
        return self._rendered(self.declared["consent_url"], state=state)

    def returned_code(self, location: str, state: str) -> str:
        """Take the code out of the address that the browser came back with.

        Raises:
            SignInError: it is not our address, or its state is not ours.
        """
        given = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        if not location.startswith(self.redirect_uri) or given.get("state") != state or "code" not in given:
            raise SignInError(f"The browser came back without a code, or to another place: {location}")
        return given["code"]

    def tokens(self, code: str, state: str) -> dict[str, str]:
        """Change a code for tokens; every one that is declared must be in the answer.

        Raises:
            SignInError: one is missing, or the server refuses.
        """
        values = {"state": state, "auth_code": code, "client_secret": self.application["client_secret"]}
        headers = self._rendered_all(self.declared["access_token_headers"], **values)
        params = self._rendered_all(self.declared["access_token_params"], **values)
        is_form = headers.get("Content-Type") == "application/x-www-form-urlencoded"
        body = urlencode(params) if is_form else json.dumps(params)
        _, _, text = ask("POST", self._rendered(self.declared["access_token_url"], **values), body, headers)
        answer = json.loads(text)
        missing = [name for name in self.declared["extract_output"] if name not in answer]
        if missing:
            raise SignInError(f"Missing {missing} in the `OAuth Output`. Response data: {answer}")
        return {name: answer[name] for name in self.declared["extract_output"]}

    def filled_in(self, config: Json, tokens: Mapping[str, str]) -> Json:
        """Lay the tokens and the application's own values into a configuration, by the paths declared."""
        filled = copy.deepcopy(config)
        specification = self.advanced_auth["oauth_config_specification"]
        for kind, values in (
            ("complete_oauth_server_output_specification", self.application),
            ("complete_oauth_output_specification", tokens),
        ):
            schema = specification[kind]
            wanted = {name: value for name, value in values.items() if name in schema["properties"]}
            Draft7Validator(schema).validate(wanted)
            for name, value in wanted.items():
                *way, last = schema["properties"][name]["path_in_connector_config"]
                _at(filled, way)[last] = value
        return filled

    def _rendered_all(self, templates: Mapping[str, str], **values: str) -> dict[str, str]:
        return {self._rendered(name, **values): self._rendered(value, **values) for name, value in templates.items()}

    def _rendered(self, template: str, **values: str) -> str:
        given = {
            "client_id": self.application["client_id"],
            "redirect_uri": self.redirect_uri,
            "scope": self.declared.get("scope", ""),
            **values,
        }
        names = {f"{name}_key": self.declared.get(f"{name}_key", usual) for name, usual in _NAMES.items()}
        environment = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701 - URLs, not pages
        environment.filters |= {"urlencode": quote_plus, "codechallengeS256": _challenge}
        rendered = environment.from_string(template).render(
            **names, **{f"{name}_value": value for name, value in given.items()}
        )
        return rendered.replace("https://api.intacct.com/ia/api/v1", self.base_url)


def ask(
    method: str, url: str, body: str | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, Mapping[str, str], bytes]:
    """Send one request, as a browser or the platform's server does; redirects are not followed."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    try:
        connection.request(method, url, body, dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()
    finally:
        connection.close()


def _at(value: Json, path: list[str]) -> Json:
    for name in path:
        value = value[name]
    return value


def _challenge(verifier: str) -> str:
    """Work as the platform does, which writes plain base64, not the URL's kind that a server expects (RFC 7636)."""
    return base64.b64encode(hashlib.sha256(verifier.encode()).digest()).decode()
