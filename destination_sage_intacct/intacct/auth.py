"""Where tokens come from and how they are renewed, scoped to an entity.

Three ways (Sage REST guide, OAuth 2.0): a refresh token, client credentials, a bare access token. A token is
renewed before it expires, and once when the server refuses it, by one thread for all that wait.
"""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode

from destination_sage_intacct.intacct.clock import Clock
from destination_sage_intacct.intacct.errors import AuthenticationError, OutageError, parse_error
from destination_sage_intacct.intacct.exchange import Exchange, HttpRequest
from destination_sage_intacct.intacct.refused_sign_in import SignIn, refused_text, unanswered_text
from destination_sage_intacct.intacct.verdict import (
    HTTP_OK_BELOW,
    Answer,
    Lost,
    Meaning,
    backoff_seconds,
    judge,
    wait_seconds,
)

LIFETIME_SECONDS = 43_200.0  # recorded from the live token endpoint: "expires_in": 43200
_RENEW_EARLY_SECONDS = 300.0
_RENEW_EARLY_SHARE = 0.25
_LONGEST_WAIT_SECONDS = 300.0
_MOST_RETRIES_OF_A_QUESTION = 2


@dataclass(frozen=True, slots=True)
class Grant:
    """What the token endpoint gave; `refresh_token` is empty when it gave none."""

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    lifetime_seconds: float = LIFETIME_SECONDS


class Tokens(Protocol):
    """Hands out the access token for a request."""

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
    """An access token that is not renewed, or none; `refused` says what to do about it."""

    def __init__(self, access_token: str, refused: str = _NOTHING_TO_RENEW_WITH) -> None:
        self._access_token = access_token
        self._refused = refused

    def current(self) -> str:
        """Return the token."""
        if not self._access_token:
            raise AuthenticationError(self._refused)
        return self._access_token

    def renew(self, refused: str) -> str:
        """Say where a new token comes from."""
        del refused
        raise AuthenticationError(self._refused)


class RenewedTokens:
    """Tokens from a grant that can be asked for again and again; safe from any thread.

    Args:
        request_grant: asks the token endpoint once and returns what it gave.
        clock: tells when a token is about to expire.
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
        """Return a token other than `refused`; who comes second gets what the first one fetched."""
        with self._lock:
            if self._token == refused:
                self._ask()
            return self._token

    def _ask(self) -> None:
        asked = self._clock.monotonic()
        grant = self._request_grant()
        self._token = grant.access_token
        early = min(_RENEW_EARLY_SECONDS, grant.lifetime_seconds * _RENEW_EARLY_SHARE)
        self._renew_at = asked + grant.lifetime_seconds - early


class TokenEndpoint:
    """`POST {base}/oauth2/token`, with retries: asking for a token twice does no harm."""

    def __init__(self, base_url: str, exchange: Exchange, clock: Clock, max_retries: int) -> None:
        self._base_url = base_url
        self._exchange = exchange
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

    def introspect(self, client_id: str, client_secret: str, token: str) -> Answer | Lost:
        """Ask what an access token is for (Sage REST guide, OAuth 2.0); the app's own credentials are asked for too."""
        form = {"client_id": client_id, "client_secret": client_secret, "token": token}
        return self._answer("introspect", form, min(self._max_retries, _MOST_RETRIES_OF_A_QUESTION))

    def _ask(self, form: dict[str, str], sign_in: SignIn) -> Grant:
        attempt = self._answer("token", form, self._max_retries)
        if isinstance(attempt, Answer) and judge(attempt) in {Meaning.ANSWERED, Meaning.TOKEN}:
            return _grant(attempt, sign_in)
        raise OutageError(unanswered_text(attempt, self._max_retries + 1, sign_in))

    def _answer(self, endpoint: str, form: dict[str, str], retries: int) -> Answer | Lost:
        request = HttpRequest(
            "POST",
            f"{self._base_url}/oauth2/{endpoint}",
            {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            urlencode(form).encode(),
        )
        for retry in range(retries):
            attempt = self._exchange(request)
            if isinstance(attempt, Answer) and not _may_pass(attempt, retry):
                return attempt
            self._wait(attempt, retry)
        return self._exchange(request)

    def _wait(self, attempt: Answer | Lost, retry: int) -> None:
        asked = wait_seconds(attempt.headers, self._clock.now()) if isinstance(attempt, Answer) else None
        if asked is not None and asked > _LONGEST_WAIT_SECONDS:
            raise OutageError(f"Sage Intacct asks to wait {asked:.0f} seconds before signing in.")
        # Spreading the retries needs no secrecy.
        self._clock.sleep(asked or backoff_seconds(retry, random.random()))  # noqa: S311


def _may_pass(answer: Answer, retry: int) -> bool:
    """Tell whether asking again may help; a good client is now and then told `invalid_client` (community 20325)."""
    if judge(answer) not in {Meaning.ANSWERED, Meaning.TOKEN}:
        return True
    error = parse_error(answer.payload, answer.status)
    return retry == 0 and error is not None and error.code == "invalid_client"


def _grant(answer: Answer, sign_in: SignIn) -> Grant:
    payload = answer.payload
    access_token = payload.get("access_token") if isinstance(payload, dict) else None
    if answer.status >= HTTP_OK_BELOW or not isinstance(access_token, str) or not access_token:
        raise AuthenticationError(refused_text(answer, sign_in))
    lifetime = payload.get("expires_in")
    refresh_token = payload.get("refresh_token")
    return Grant(
        access_token,
        refresh_token if isinstance(refresh_token, str) else "",
        float(lifetime) if _is_number(lifetime) and float(lifetime) > 0 else LIFETIME_SECONDS,
    )


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return not isinstance(value, bool)
