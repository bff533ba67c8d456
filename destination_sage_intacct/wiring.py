"""From a configuration to a client that can be used: who measures time, who sends, where tokens come from."""

from collections.abc import Mapping
from typing import Any

from destination_sage_intacct.config import AccessToken, ClientCredentials, Config, OAuth
from destination_sage_intacct.intacct.auth import FixedToken, Grant, RenewedTokens, TokenEndpoint, Tokens
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.clock import Clock
from destination_sage_intacct.intacct.exchange import Exchange, RequestsExchange
from destination_sage_intacct.intacct.introspection import Introspection
from destination_sage_intacct.intacct.limiter import Limiter
from destination_sage_intacct.intacct.server import Capabilities, Server
from destination_sage_intacct.intacct.transport import WAIT_BUDGET_SECONDS, Transport
from destination_sage_intacct.protocol.output import Output


def connect(
    config: Config,
    raw: Mapping[str, Any],
    output: Output,
    clock: Clock,
    wait_budget_seconds: float = WAIT_BUDGET_SECONDS,
    exchange: Exchange | None = None,
    *,
    can_store: bool = True,
) -> IntacctClient:
    """Return a client; nothing is sent yet.

    Args:
        config: the configuration.
        raw: the same as Airbyte gave it, to be handed back whole when a refresh token is replaced.
        output: masks every token, and takes a replaced configuration.
        clock: measures and waits.
        wait_budget_seconds: how long one request may wait in all because the server asks for it.
        exchange: sends each request; HTTP as configured without one.
        can_store: whether Airbyte stores a configuration that is handed back; it does not during discover.
    """
    exchange = exchange or RequestsExchange(config.request_timeout_seconds, clock, config.max_concurrency)
    endpoint = TokenEndpoint(config.api_url, exchange, clock, config.max_retries)
    tokens = _tokens(config, _Keeper(raw, output, can_store=can_store), endpoint, clock)
    limiter = Limiter(config.max_concurrency, clock)
    transport = Transport(config.api_url, exchange, tokens, clock, limiter, config.max_retries, wait_budget_seconds)
    capabilities = Capabilities(config.batch_size, lambda text: output.log("INFO", text))
    introspection = _introspection(config, exchange, tokens)
    return IntacctClient(Server(transport, config.entity_id, capabilities, introspection=introspection))


_NOT_STORED = (
    "Sage Intacct replaced the refresh token while objects and fields were read, and Airbyte does not store new tokens "
    "from here, so the one in the configuration may no longer hold. Authorize the app again before the next sync, and "
    "keep its access token in the configuration, which is used first."
)


class _Keeper:
    """Masks new tokens and writes a replaced refresh token back to Airbyte before it is relied on.

    The platform takes a CONTROL message of discover for one of a source (platform source, `ConnectorMessageProcessor`),
    so that none must be sent there.
    """

    def __init__(self, raw: Mapping[str, Any], output: Output, *, can_store: bool) -> None:
        self._raw = dict(raw)
        self._output = output
        self._can_store = can_store

    def keep(self, grant: Grant, refresh_token: str) -> str:
        """Take what the token endpoint gave; return the refresh token that holds from now on."""
        self._output.hide([grant.access_token, grant.refresh_token])
        if not grant.refresh_token or grant.refresh_token == refresh_token:
            return refresh_token
        if not self._can_store:
            self._output.log("WARN", _NOT_STORED)
            return grant.refresh_token
        new_tokens = {"refresh_token": grant.refresh_token, "access_token": grant.access_token}
        self._raw |= {"credentials": {**self._raw["credentials"], **new_tokens}}
        self._output.configuration(self._raw)
        return grant.refresh_token


def _introspection(config: Config, exchange: Exchange, tokens: Tokens) -> Introspection | None:
    """Return what can be asked about a token that was granted elsewhere; client credentials name the company."""
    match config.credentials:
        case OAuth(client_id, client_secret):
            return Introspection(config.api_url, exchange, tokens, client_id, client_secret)
    return None


def _tokens(config: Config, keeper: _Keeper, endpoint: TokenEndpoint, clock: Clock) -> Tokens:
    match config.credentials:
        case AccessToken(access_token) | OAuth(refresh_token="", access_token=access_token):
            return FixedToken(access_token)
        case ClientCredentials() as app:
            return _by_client_credentials(config, app, keeper, endpoint, clock)
        case OAuth() as grant:
            return _by_refresh_token(config, grant, keeper, endpoint, clock)


def _by_client_credentials(
    config: Config, app: ClientCredentials, keeper: _Keeper, endpoint: TokenEndpoint, clock: Clock
) -> Tokens:
    username = f"{app.user_id}@{config.company_id}" + (f"|{config.entity_id}" if config.entity_id else "")

    def sign_in() -> Grant:
        grant = endpoint.client_credentials(app.client_id, app.client_secret, username)
        # Its refresh token is not needed: signing in again is always possible.
        keeper.keep(Grant(grant.access_token), "")
        return grant

    return RenewedTokens(sign_in, clock)


def _by_refresh_token(config: Config, oauth: OAuth, keeper: _Keeper, endpoint: TokenEndpoint, clock: Clock) -> Tokens:
    refresh_token = oauth.refresh_token

    def refresh() -> Grant:
        nonlocal refresh_token
        grant = endpoint.refresh(oauth.client_id, oauth.client_secret, refresh_token, config.entity_id)
        refresh_token = keeper.keep(grant, refresh_token)
        return grant

    return RenewedTokens(refresh, clock, oauth.access_token)
