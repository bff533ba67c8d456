"""From a configuration to a client: how it signs in, and what happens to the tokens that it is granted."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from destination_sage_intacct.config import AccessToken, ClientCredentials, Config, OAuth
from destination_sage_intacct.intacct import open_client
from destination_sage_intacct.intacct.auth import FixedToken, Grant, Introspection, RenewedTokens, TokenEndpoint, Tokens
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.clock import Clock
from destination_sage_intacct.intacct.errors import GrantLostError, OutageError
from destination_sage_intacct.intacct.session import WAIT_BUDGET_SECONDS
from destination_sage_intacct.intacct.transport import RequestsTransport, Transport
from destination_sage_intacct.protocol.output import Output

# A configuration that is returned to Airbyte replaces the stored one, with what a person has changed there meanwhile.
_EARLY_SECONDS = 60.0
_MARK_DIGITS = 16
_LIMIT_CHANGED = "Requests in flight at most, from now on: {}; before: {}."
_SIGNED_IN = "Sage Intacct issued an access token, valid for {:.0f} seconds."


def connect(
    config: Config,
    raw: Mapping[str, Any],
    output: Output,
    clock: Clock,
    wait_budget_seconds: float = WAIT_BUDGET_SECONDS,
    transport: Transport | None = None,
    *,
    can_store: bool = True,
    waits: Callable[[str, float], None] = lambda _reason, _seconds: None,
    detail: Callable[[str], None] = lambda _text: None,
) -> IntacctClient:
    """Return a client; nothing is sent yet.

    Args:
        config: the configuration.
        raw: the same as Airbyte gave it, to be returned whole when a refresh token is replaced.
        output: masks every token, and takes a replaced configuration.
        clock: measures and waits.
        wait_budget_seconds: how long one request may wait in all because the server asks for it.
        transport: sends each request; HTTP as configured without one.
        can_store: whether Airbyte stores a configuration that is returned to it. It takes that of a discover for one
            of a source (platform source, `ConnectorMessageProcessor`), so there no refresh token is used: a new one
            that comes in its place would be lost.
        waits: called with the reason and the seconds of each wait, as it begins, by each thread that waits.
        detail: called with details for level DEBUG: tokens issued, changes of the limit.
    """
    transport = transport or RequestsTransport(config.request_timeout_seconds, clock, config.max_concurrency)
    endpoint = TokenEndpoint(config.api_url, transport, clock, config.max_retries, waits)
    tokens = _tokens(config, _TokenStore(config, raw, output, clock, detail), endpoint, clock, can_store=can_store)
    return open_client(
        config.api_url,
        tokens,
        entity=config.entity_id,
        max_in_flight=config.max_concurrency,
        batch_size=config.batch_size,
        max_retries=config.max_retries,
        wait_budget_seconds=wait_budget_seconds,
        transport=transport,
        clock=clock,
        introspection=_introspection(config, endpoint, tokens),
        notice=lambda text: output.log("INFO", text),
        waits=waits,
        limit_changed=lambda before, after: detail(_LIMIT_CHANGED.format(after, before)),
    )


_LEFT_ALONE = (
    "The access token in the configuration is missing, has expired (access tokens last 12 hours) or was issued for "
    "other settings, and the refresh token is not used where objects and fields are read: Sage Intacct may replace it, "
    "and Airbyte stores no new one from here. Retest the destination in its settings, which stores a new access token; "
    "then refresh the destination's fields again."
)


class _TokenStore:
    """Masks new tokens and returns them to Airbyte before they are relied on.

    A refresh token always, when another one takes its place; an access token at the start, so that the one that
    discover needs is never old.
    """

    def __init__(
        self, config: Config, raw: Mapping[str, Any], output: Output, clock: Clock, detail: Callable[[str], None]
    ) -> None:
        self._detail = detail
        self._config = config
        self._raw = dict(raw)
        self._output = output
        self._clock = clock
        self._began = clock.monotonic()

    def keep(self, grant: Grant, refresh_token: str) -> str:
        """Store what a refresh token brought; return the refresh token that is valid from now on."""
        self.mask(grant)
        holds = grant.refresh_token or refresh_token
        if holds != refresh_token or self._clock.monotonic() - self._began < _EARLY_SECONDS:
            new_tokens = {
                "refresh_token": holds,
                "access_token": grant.access_token,
                "access_token_mark": _fingerprint(self._config, holds),
            }
            self._raw |= {"credentials": {**self._raw["credentials"], **new_tokens}}
            self._output.configuration(self._raw)
        return holds

    def mask(self, grant: Grant) -> None:
        """Mask what was granted in every output, and report that it was granted."""
        self._output.hide([grant.access_token, grant.refresh_token])
        self._detail(_SIGNED_IN.format(grant.lifetime_seconds))


def _fingerprint(config: Config, refresh_token: str) -> str:
    """Return a digest of what an access token was issued for: all that decides whose books it opens."""
    client_id = config.credentials.client_id if isinstance(config.credentials, OAuth) else ""
    issued_for = [config.api_url, config.company_id, config.entity_id, client_id, refresh_token]
    return sha256(json.dumps(issued_for).encode()).hexdigest()[:_MARK_DIGITS]


def _introspection(config: Config, endpoint: TokenEndpoint, tokens: Tokens) -> Introspection | None:
    """Return what can be asked about a token that was granted elsewhere; client credentials name company and entity."""
    match config.credentials:
        case OAuth(client_id, client_secret):
            return Introspection(endpoint, tokens, client_id, client_secret)
        case AccessToken():
            return Introspection(endpoint, tokens, "", "")
    return None


def _tokens(config: Config, keeper: _TokenStore, endpoint: TokenEndpoint, clock: Clock, *, can_store: bool) -> Tokens:
    match config.credentials:
        case AccessToken(access_token):
            return FixedToken(access_token)
        case ClientCredentials() as app:
            return _by_client_credentials(config, app, keeper, endpoint, clock)
        case OAuth(access_token_mark=mark, refresh_token=refresh_token) as given:
            if not refresh_token:
                return FixedToken(given.access_token)
            # Without a mark it is one that a person entered, and is used as it is.
            oauth = given if mark in {"", _fingerprint(config, refresh_token)} else replace(given, access_token="")
            if not can_store:
                return FixedToken(oauth.access_token, _LEFT_ALONE)
            return _by_refresh_token(config, oauth, keeper, endpoint, clock)


def _by_client_credentials(
    config: Config, app: ClientCredentials, keeper: _TokenStore, endpoint: TokenEndpoint, clock: Clock
) -> Tokens:
    username = f"{app.user_id}@{config.company_id}" + (f"|{config.entity_id}" if config.entity_id else "")

    def sign_in() -> Grant:
        grant = endpoint.client_credentials(app.client_id, app.client_secret, username)
        # Its refresh token is not needed: signing in again is always possible.
        keeper.mask(grant)
        return grant

    return RenewedTokens(sign_in, clock)


def _by_refresh_token(
    config: Config, oauth: OAuth, keeper: _TokenStore, endpoint: TokenEndpoint, clock: Clock
) -> Tokens:
    refresh_token = oauth.refresh_token

    def refresh() -> Grant:
        nonlocal refresh_token
        try:
            grant = endpoint.refresh(oauth.client_id, oauth.client_secret, refresh_token, config.entity_id)
        except GrantLostError as error:
            if not oauth.access_token_mark:
                raise
            # Airbyte has stored tokens of this connection before, and may hold a newer one than this run was given.
            raise OutageError(f"{error} Airbyte may hold a newer token by now, for the next attempt.") from None
        refresh_token = keeper.keep(grant, refresh_token)
        return grant

    return RenewedTokens(refresh, clock, oauth.access_token)
