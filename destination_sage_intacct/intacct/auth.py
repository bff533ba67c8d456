"""Where access tokens come from and how they are renewed, scoped to an entity.

Three ways (Sage REST guide, OAuth 2.0): a refresh token, client credentials, a bare access token. A token is
renewed before it expires, and once when the server refuses it, by one thread for all that wait.
"""

import random
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlencode, urlsplit

from destination_sage_intacct.intacct.classify import (
    Answer,
    Classification,
    NoResponse,
    backoff_seconds,
    classify,
    unanswered,
    wait_seconds,
)
from destination_sage_intacct.intacct.clock import Clock, StoppedError
from destination_sage_intacct.intacct.errors import (
    AuthenticationError,
    GrantLostError,
    OutageError,
    SageError,
    parse_oauth_error,
    sentence,
)
from destination_sage_intacct.intacct.transport import HttpRequest, Transport

LIFETIME_SECONDS = 43_200.0  # recorded from the live token endpoint: "expires_in": 43200
_RENEW_EARLY_SECONDS = 300.0
_RENEW_EARLY_SHARE = 0.25
_LONGEST_WAIT_SECONDS = 300.0
_MOST_RETRIES_OF_A_QUESTION = 2
_ASKED_AGAIN = "signing in to Sage Intacct failed ({}) and is tried again then"
# Every token endpoint takes a POST; where it is not found or takes none, the address is another one's.
_NOT_THE_ENDPOINT = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})
_TOKEN = re.compile("[!-~]+")
_CHECK_SUBSCRIPTION = "Company > Admin > Subscriptions and Web Services users in Sage Intacct"


@dataclass(frozen=True, slots=True)
class Grant:
    """What the token endpoint gave; `refresh_token` is empty when it gave none."""

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    lifetime_seconds: float = LIFETIME_SECONDS


class Tokens(Protocol):
    """Supplies the access token of a request."""

    def current(self) -> str:
        """Return a token that should be accepted. Raises AuthenticationError or OutageError."""
        ...

    def renew(self, refused: str) -> str:
        """Return another token after `refused` was not accepted. Raises as `current`."""
        ...


_NOTHING_TO_RENEW_WITH = (
    "Sage Intacct refused the access token: it is invalid or has expired (access tokens last 12 hours), "
    "and the configuration has nothing to renew it with. Get a new access token through the OAuth flow "
    "of your app in the Sage Developer Portal, or configure a refresh token or client credentials, "
    "which renew it by themselves."
)


class FixedToken:
    """An access token that is not renewed, or none; `advice` says what to do when it is not accepted."""

    def __init__(self, access_token: str, advice: str = _NOTHING_TO_RENEW_WITH) -> None:
        self._access_token = access_token
        self._advice = advice

    def current(self) -> str:
        """Return the token."""
        if not self._access_token:
            raise AuthenticationError(self._advice)
        return self._access_token

    def renew(self, refused: str) -> str:
        """Raise: there is nothing to renew it with."""
        del refused
        raise AuthenticationError(self._advice)


class RenewedTokens:
    """Tokens from a grant that can be requested again and again; safe from any thread.

    Args:
        request_grant: asks the token endpoint once and returns what it gave.
        clock: shows when a token is about to expire.
        access_token: used until it is refused; empty = ask at once. Its age is unknown.
    """

    def __init__(self, request_grant: Callable[[], Grant], clock: Clock, access_token: str = "") -> None:
        self._request_grant = request_grant
        self._clock = clock
        self._token = access_token
        self._renew_at = float("inf")
        self._lock = threading.Lock()

    def current(self) -> str:
        """Return the token, renewed if it is about to expire."""
        with self._lock:
            if not self._token or self._clock.monotonic() >= self._renew_at:
                self._ask()
            return self._token

    def renew(self, refused: str) -> str:
        """Return a token other than `refused`; a second caller gets what the first one fetched."""
        with self._lock:
            if self._token == refused:
                self._ask()
            return self._token

    def _ask(self) -> None:
        if self._clock.stopped:
            raise StoppedError  # another thread asked before, and the run has failed for it
        asked = self._clock.monotonic()
        grant = self._request_grant()
        self._token = grant.access_token
        early = min(_RENEW_EARLY_SECONDS, grant.lifetime_seconds * _RENEW_EARLY_SHARE)
        self._renew_at = asked + grant.lifetime_seconds - early


@dataclass(frozen=True, slots=True)
class SignIn:
    """How it is tried: at which base URL, for which entity (empty for the top level), by which of the two grants."""

    base_url: str
    entity: str
    by_refresh_token: bool


class TokenEndpoint:
    """`POST {base}/oauth2/token`, with retries: asking for a token twice does no harm.

    Args:
        base_url: without a slash at its end.
        transport: sends one request once.
        clock: waits.
        max_retries: failures that are asked again.
        waits: called with the reason and the seconds of each wait, as it begins.
    """

    def __init__(
        self,
        base_url: str,
        transport: Transport,
        clock: Clock,
        max_retries: int,
        waits: Callable[[str, float], None] = lambda _reason, _seconds: None,
    ) -> None:
        self._waits = waits
        self._base_url = base_url
        self._transport = transport
        self._clock = clock
        self._max_retries = max_retries

    def refresh(self, client_id: str, client_secret: str, refresh_token: str, entity_id: str) -> Grant:
        """Trade a refresh token for an access token, scoped to `entity_id` unless that is empty."""
        form = {
            "grant_type": "refresh_token",
            "client_id": client_id,
            "client_secret": client_secret,
            "refresh_token": refresh_token,
        }
        sign_in = SignIn(self._base_url, entity_id, by_refresh_token=True)
        return self._ask(form | ({"entity_id": entity_id} if entity_id else {}), sign_in)

    def client_credentials(self, client_id: str, client_secret: str, username: str) -> Grant:
        """Sign in as `user@company` or `user@company|entity`."""
        form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "username": username,
        }
        return self._ask(form, SignIn(self._base_url, username.partition("|")[2], by_refresh_token=False))

    def introspect(self, client_id: str, client_secret: str, token: str) -> Answer | NoResponse:
        """Ask what an access token is for (Sage REST guide, OAuth 2.0), with the app's own credentials.

        Without them the token itself permits the question, as RFC 7662 has it; Sage Intacct may refuse that.
        """
        app = {"client_id": client_id, "client_secret": client_secret} if client_id else {}
        retries = min(self._max_retries, _MOST_RETRIES_OF_A_QUESTION)
        return self._answer("introspect", app | {"token": token}, retries, _holds_scope, "" if app else token)

    def _ask(self, form: dict[str, str], sign_in: SignIn) -> Grant:
        attempt = self._answer("token", form, self._max_retries, _holds_token)
        if isinstance(attempt, Answer) and _is_answer(attempt, _holds_token):
            return _grant(attempt, sign_in)
        raise OutageError(unanswered_text(attempt, self._max_retries + 1, sign_in))

    def _answer(
        self, endpoint: str, form: dict[str, str], retries: int, is_whole: Callable[[Answer], bool], token: str = ""
    ) -> Answer | NoResponse:
        request = HttpRequest(
            "POST",
            f"{self._base_url}/oauth2/{endpoint}",
            {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            urlencode(form).encode(),
            token or None,
        )
        for retry in range(retries):
            attempt = self._transport(request)
            if isinstance(attempt, Answer) and not _may_pass(attempt, retry, is_whole):
                return attempt
            self._wait(attempt, retry)
        return self._transport(request)

    def _wait(self, attempt: Answer | NoResponse, retry: int) -> None:
        asked = wait_seconds(attempt.headers, self._clock.now()) if isinstance(attempt, Answer) else None
        if asked is not None and asked > _LONGEST_WAIT_SECONDS:
            raise OutageError(f"Sage Intacct requires a wait of {asked:.0f} seconds before signing in.")
        seconds = asked or backoff_seconds(retry, random.random())  # noqa: S311 - spreading retries needs no secrecy
        self._waits(_ASKED_AGAIN.format(unanswered(attempt)), seconds)
        self._clock.sleep(seconds)


def _holds_token(answer: Answer) -> bool:
    """Return whether an answer holds an access token, one that a header can carry."""
    token = answer.payload.get("access_token") if isinstance(answer.payload, Mapping) else None
    return answer.is_ok and isinstance(token, str) and bool(_TOKEN.fullmatch(token))


def _holds_scope(answer: Answer) -> bool:
    """Return whether an answer says if a token is active."""
    return answer.is_ok and isinstance(answer.payload, Mapping) and "active" in answer.payload


def _is_answer(answer: Answer, is_whole: Callable[[Answer], bool]) -> bool:
    """Return whether an answer is Sage Intacct's, and final: what was asked for, or a refusal in one of its forms."""

    def is_own(answer: Answer) -> bool:
        return is_whole(answer) or parse_oauth_error(answer.payload, answer.status) is not None

    return classify(answer, is_own) in {Classification.ANSWERED, Classification.TOKEN}


def _may_pass(answer: Answer, retry: int, is_whole: Callable[[Answer], bool]) -> bool:
    """Return whether asking again may help; a good client now and then gets `invalid_client` (community 20325)."""
    if not _is_answer(answer, is_whole):
        return True
    error = parse_oauth_error(answer.payload, answer.status)
    return retry == 0 and error is not None and error.code == "invalid_client"


def _grant(answer: Answer, sign_in: SignIn) -> Grant:
    if not _holds_token(answer):
        error = parse_oauth_error(answer.payload, answer.status)
        is_lost = sign_in.by_refresh_token and error is not None and "invalid_grant" in error.searchable
        raise (GrantLostError if is_lost else AuthenticationError)(refused_text(answer, sign_in))
    payload = answer.payload
    lifetime = payload.get("expires_in")
    refresh_token = payload.get("refresh_token")
    return Grant(
        payload["access_token"],
        refresh_token if isinstance(refresh_token, str) else "",
        float(lifetime) if _is_number(lifetime) and float(lifetime) > 0 else LIFETIME_SECONDS,
    )


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return not isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class TokenScope:
    """A token's scope; empty = not reported, `entity` and its key also for the top level.

    `company` and `company_key` name the company: as `cny_id` and as `company_key` do.

    `is_reported`: the server knows the token and reports its scope. `has_ended`: it is no longer valid.
    """

    company: str = ""
    company_key: str = ""
    entity: str = ""
    entity_key: str = ""
    is_reported: bool = False
    has_ended: bool = False


@dataclass(frozen=True, slots=True)
class Introspection:
    """Asks about the token in use; `client_id` and `client_secret` are empty where the app is not known."""

    endpoint: TokenEndpoint
    tokens: Tokens
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)

    def scope(self) -> TokenScope:
        """Return what the token in use is for.

        Raises:
            AuthenticationError, OutageError: there is no token to ask about.
        """
        answer = self.endpoint.introspect(self.client_id, self.client_secret, self.tokens.current())
        if not isinstance(answer, Answer) or not _is_answer(answer, _holds_scope):
            return TokenScope()
        if answer.status == HTTPStatus.UNAUTHORIZED:
            return TokenScope(has_ended=bool(self.client_id))  # without it, it may be the question that is refused
        if not _holds_scope(answer):
            return TokenScope()
        reported = answer.payload
        if reported["active"] is False:
            return TokenScope(has_ended=True)
        names = ("cny_id", "company_key", "entity_id", "entity_key")
        company, company_key, entity, entity_key = (_name(reported.get(name)) for name in names)
        return TokenScope(company, company_key, entity, entity_key, is_reported=True)


def _name(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def refused_text(answer: Answer, sign_in: SignIn) -> str:
    """Return why an answer of the token endpoint gave no token, and what to check."""
    error = parse_oauth_error(answer.payload, answer.status)
    if answer.status in _NOT_THE_ENDPOINT:
        return _elsewhere_text(error.message if error else f"HTTP {answer.status}", sign_in)
    error = error or SageError(f"HTTP {answer.status} without an explanation", answer.status)
    return f"Signing in to Sage Intacct failed. {error.said} {_advice(error, sign_in)}"


def _elsewhere_text(said: str, sign_in: SignIn) -> str:
    return (
        f"`api_url` is not the address of a Sage Intacct REST API: {sign_in.base_url}/oauth2/token answers "
        f"{sentence(said)} The right address ends in /ia/api/v1, as in https://api.intacct.com/ia/api/v1."
    )


def unanswered_text(attempt: Answer | NoResponse, attempts: int, sign_in: SignIn) -> str:
    """Return why the token endpoint did not answer in this number of attempts, and what to check."""
    count = "1 attempt" if attempts == 1 else f"{attempts} attempts"
    failed = f"Signing in to Sage Intacct failed in {count}"
    if isinstance(attempt, NoResponse):
        return (
            f"{failed}: {attempt.reason}. Check `api_url` ({sign_in.base_url}), and that the network, its firewall and "
            f"its proxy let the connector reach {urlsplit(sign_in.base_url).netloc}."
        )
    if attempt.status in _NOT_THE_ENDPOINT:
        return _elsewhere_text(attempt.description, sign_in)
    return (
        f"{failed}: {attempt.description}. Check that `api_url` ({sign_in.base_url}) is the address of Sage Intacct's "
        "REST API; if it is, Sage Intacct or a proxy could not answer for now, and a later sync may succeed."
    )


def _advice(error: SageError, sign_in: SignIn) -> str:
    words = error.searchable
    if error.error_id == "REST-1216" or "invalid_client" in words:
        return (
            "Check the client id and client secret against your app in the Sage Developer Portal, "
            "and that the app is authorized for this company."
        )
    if "username format" in words:
        return "Check `company_id` and `user_id`: they are joined to user@company."
    if "invalid_grant" in words:
        return _entity_advice(sign_in.entity) + (_CHECK_TOKEN if sign_in.by_refresh_token else _CHECK_USER)
    return "Check the credentials, and that Web Services are enabled for the company and the user."


_CHECK_TOKEN = (
    "Either the refresh token was revoked, replaced or has expired (a new authorization of the same user and app "
    "replaces older ones, and so does another sync that signs in with the same token where Sage Intacct gives a new "
    "one each time), or the user is not a Web Services user of this company, or the Web Services subscription "
    f"is missing. Authorize the app again, and check {_CHECK_SUBSCRIPTION}."
)
_CHECK_USER = (
    "Check `company_id` and `user_id`: the user must be a Web Services user of this very company, and the company must "
    f"have the Web Services subscription; see {_CHECK_SUBSCRIPTION}."
)


def _entity_advice(entity: str) -> str:
    if not entity:
        return ""
    return (
        f"Check `entity_id` first: entity {entity} must exist, and the user must be assigned to it under Company > "
        "Admin > Users > User entities. "
    )
