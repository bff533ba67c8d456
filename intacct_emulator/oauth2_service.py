"""`/oauth2`: authorize, token, introspect, revoke. Sources: Sage REST guide, OAuth 2.0; recorded token answers."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode

from intacct_emulator import exact_json, tokens
from intacct_emulator.clock import START, Clock
from intacct_emulator.exchange import Answer, Request, json_answer
from intacct_emulator.refusals import method_not_allowed, no_such_resource
from intacct_emulator.scope import CLOSED_ENTITIES
from intacct_emulator.settings import UnknownEntity
from intacct_emulator.store import Store
from intacct_emulator.tokens import Code, Issued, Tokens

PREFIX = "/oauth2/"

_BAD_CREDENTIALS = "The provided credentials are invalid"
_BAD_CLIENT = "The Client ID, Client Secret, and/or 3rd Party Application are incorrect"
_BAD_USERNAME = "The username format is invalid (expected user@company)"


class _DeniedError(Exception):
    """The token endpoint refuses: status, `error` and `error_description`."""

    def __init__(self, status: int, code: str, description: str, **extra: str) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"error": code, "error_description": description, **extra}


@dataclass(frozen=True, slots=True)
class Oauth2Service:
    """The endpoints that give and take tokens."""

    tokens: Tokens
    store: Store
    clock: Clock
    unknown_entity: UnknownEntity

    def answer(self, request: Request) -> Answer:
        """Does what the request asks."""
        name = request.path.removeprefix(PREFIX)
        method = "GET" if name == "authorize" else "POST"
        if name not in ("authorize", "token", "introspect", "revoke"):
            raise no_such_resource(request.path)
        if request.method != method:
            raise method_not_allowed(request.method, request.path)
        try:
            if name == "authorize":
                return self._authorize(request.query)
            form = _parameters(request)
            if name == "token":
                return self._token(form)
            # guess[own-introspection]: RFC 7662 allows a token to ask about itself; no source says whether Sage Intacct
            # does.
            if name == "revoke" or not _asks_about_itself(request, form):
                _check_client(form)
            return self._revoke() if name == "revoke" else self._introspect(form)
        except _DeniedError as denied:
            return json_answer(denied.status, denied.body)

    def _authorize(self, query: Mapping[str, str]) -> Answer:
        """Sends the browser back at once, as if the demo user had agreed."""
        if query.get("client_id") != tokens.CLIENT_ID or not query.get("redirect_uri"):
            raise _DeniedError(HTTPStatus.UNAUTHORIZED, "invalid_client", _BAD_CLIENT, errorId="REST-1216")
        offline = "offline_access" in query.get("scope", "").split()
        code = self.tokens.new_code(Code(offline, query.get("code_challenge")))
        back = {"code": code} | ({"state": query["state"]} if "state" in query else {})
        separator = "&" if "?" in query["redirect_uri"] else "?"
        return Answer(HTTPStatus.FOUND, headers={"location": f"{query['redirect_uri']}{separator}{urlencode(back)}"})

    def _token(self, form: Mapping[str, str]) -> Answer:
        grants = {
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh_token,
            "client_credentials": self._by_client_credentials,
        }
        grant = grants.get(form.get("grant_type", ""))
        if grant is None:
            # guess[unknown-grant]: RFC 6749's own code; what Sage answers to another grant is not known.
            raise _DeniedError(HTTPStatus.BAD_REQUEST, "unsupported_grant_type", "The grant type is not supported")
        _check_client(form)
        issued = grant(form)
        body: dict[str, Any] = {"token_type": "Bearer", "access_token": issued.access_token}
        if issued.refresh_token is not None:
            body["refresh_token"] = issued.refresh_token
        return json_answer(HTTPStatus.OK, {**body, "expires_in": issued.expires_in})

    def _by_code(self, form: Mapping[str, str]) -> Issued:
        code = self.tokens.take_code(form.get("code", ""))
        if code is None or not _answers(code.challenge, form.get("code_verifier", "")):
            raise _DeniedError(HTTPStatus.BAD_REQUEST, "invalid_grant", _BAD_CREDENTIALS)
        return self.tokens.issue(None, refresh=code.offline)

    def _by_refresh_token(self, form: Mapping[str, str]) -> Issued:
        entity = self._entity(form.get("entity_id") or None)
        issued = self.tokens.renew(form.get("refresh_token", ""), entity)
        if issued is None:
            raise _DeniedError(HTTPStatus.BAD_REQUEST, "invalid_grant", _BAD_CREDENTIALS)
        return issued

    def _by_client_credentials(self, form: Mapping[str, str]) -> Issued:
        user, separator, company = form.get("username", "").rpartition("@")
        if not separator or not user or not company:
            # guess[username-form]: the text is known, its status and `error` are not.
            raise _DeniedError(HTTPStatus.BAD_REQUEST, "invalid_request", _BAD_USERNAME)
        company, _, entity = company.partition("|")
        if company != tokens.COMPANY or user not in tokens.WEB_SERVICES_USERS:
            raise _DeniedError(HTTPStatus.BAD_REQUEST, "invalid_grant", _BAD_CREDENTIALS)
        return self.tokens.issue(self._entity(entity or None), refresh=True)

    def _entity(self, entity: str | None) -> str | None:
        # guess[token-entity]: an entity that is unknown or closed to the user is answered like other bad credentials.
        if entity is None:
            return None
        if self.unknown_entity == "top-level" and self.store.entity(entity) is None:
            return None
        if self.store.entity(entity) is None or entity in CLOSED_ENTITIES:
            raise _DeniedError(HTTPStatus.BAD_REQUEST, "invalid_grant", _BAD_CREDENTIALS)
        return entity

    def _revoke(self) -> Answer:
        self.tokens.revoke()
        return json_answer(HTTPStatus.OK, {"revoked": True})

    def _introspect(self, form: Mapping[str, str]) -> Answer:
        grant = self.tokens.grant(form.get("token", ""))
        if grant is None:
            return json_answer(HTTPStatus.OK, {"active": False})
        entity = self.store.entity(grant.entity)
        began = START.timestamp()
        return json_answer(
            HTTPStatus.OK,
            {
                "active": True,
                "token_type": "Bearer",
                "client_id": tokens.CLIENT_ID,
                "user_id": tokens.USER,
                "cny_id": tokens.COMPANY,
                "exp": int(began + grant.expires) if grant.expires is not None else None,
                "iat": int(began + grant.issued),
                "company_key": "1",
                "entity_id": grant.entity,
                "entity_key": entity.key if entity is not None else None,
                "user_key": "1",
                "ai_enabled": False,
            },
        )


def _parameters(request: Request) -> dict[str, str]:
    """Return the form or the JSON object that the body holds."""
    if "json" in (request.header("content-type") or ""):
        try:
            body = exact_json.decode(request.body)
        except exact_json.MalformedJsonError:
            body = {}
        return {name: str(value) for name, value in body.items()} if isinstance(body, dict) else {}
    return dict(parse_qsl(request.body.decode("utf-8", "replace")))


def _asks_about_itself(request: Request, form: Mapping[str, str]) -> bool:
    return "client_id" not in form and request.header("authorization") == f"Bearer {form.get('token')}"


def _check_client(form: Mapping[str, str]) -> None:
    if (form.get("client_id"), form.get("client_secret")) != (tokens.CLIENT_ID, tokens.CLIENT_SECRET):
        # guess[bad-client]: `invalid_client` and REST-1216's text are both known, not that they come together.
        raise _DeniedError(HTTPStatus.UNAUTHORIZED, "invalid_client", _BAD_CLIENT, errorId="REST-1216")


def _answers(challenge: str | None, verifier: str) -> bool:
    """Return whether the verifier answers the challenge (PKCE, S256); without a challenge, anything passes."""
    if challenge is None:
        return True
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge
