"""From a configuration to a client that can be used: who measures time, who sends, where tokens come from."""

from collections.abc import Mapping
from enum import Enum
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


class Storing(Enum):
    """Which tokens are handed back to Airbyte for it to store, out of those that a refresh token brought."""

    EACH = "each"  # by check, so that the access token that discover needs is never far from new
    REPLACED = "replaced"  # by write, where the configuration handed back undoes what a person changes meanwhile
    NONE = "none"  # by discover, whose CONTROL the platform takes for one of a source (its `ConnectorMessageProcessor`)


def connect(
    config: Config,
    raw: Mapping[str, Any],
    output: Output,
    clock: Clock,
    wait_budget_seconds: float = WAIT_BUDGET_SECONDS,
    exchange: Exchange | None = None,
    *,
    storing: Storing = Storing.REPLACED,
) -> IntacctClient:
    """Return a client; nothing is sent yet.

    Args:
        config: the configuration.
        raw: the same as Airbyte gave it, to be handed back whole when a refresh token is replaced.
        output: masks every token, and takes a replaced configuration.
        clock: measures and waits.
        wait_budget_seconds: how long one request may wait in all because the server asks for it.
        exchange: sends each request; HTTP as configured without one.
        storing: which new tokens Airbyte is given to store; a refresh token is left alone where it stores none.
    """
    exchange = exchange or RequestsExchange(config.request_timeout_seconds, clock, config.max_concurrency)
    endpoint = TokenEndpoint(config.api_url, exchange, clock, config.max_retries)
    tokens = _tokens(config, _Keeper(raw, output, storing), endpoint, clock)
    limiter = Limiter(config.max_concurrency, clock)
    transport = Transport(config.api_url, exchange, tokens, clock, limiter, config.max_retries, wait_budget_seconds)
    capabilities = Capabilities(config.batch_size, lambda text: output.log("INFO", text))
    introspection = _introspection(config, exchange, tokens)
    return IntacctClient(Server(transport, config.entity_id, capabilities, introspection=introspection))


_LEFT_ALONE = (
    "The access token in the configuration is missing or has expired (access tokens last 12 hours), and the refresh "
    "token is not used where objects and fields are read: Sage Intacct may replace it, and Airbyte stores no new one "
    "from here. Open the destination's settings in Airbyte and test it, which stores a new access token; then refresh "
    "the destination's fields again."
)


class _Keeper:
    """Masks new tokens and hands them back to Airbyte before they are relied on."""

    def __init__(self, raw: Mapping[str, Any], output: Output, storing: Storing) -> None:
        self._raw = dict(raw)
        self._output = output
        self.storing = storing

    def keep(self, grant: Grant, refresh_token: str) -> str:
        """Take what a refresh token brought; return the refresh token that holds from now on."""
        self.mask(grant)
        holds = grant.refresh_token or refresh_token
        if holds != refresh_token or self.storing is Storing.EACH:
            new_tokens = {"refresh_token": holds, "access_token": grant.access_token}
            self._raw |= {"credentials": {**self._raw["credentials"], **new_tokens}}
            self._output.configuration(self._raw)
        return holds

    def mask(self, grant: Grant) -> None:
        """Keep what was granted out of everything that is said."""
        self._output.hide([grant.access_token, grant.refresh_token])


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
        case OAuth(access_token=access_token) if keeper.storing is Storing.NONE:
            return FixedToken(access_token, _LEFT_ALONE)
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
        keeper.mask(grant)
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
