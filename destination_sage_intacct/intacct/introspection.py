"""Which company and entity a token is for, as the server tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from destination_sage_intacct.intacct.auth import Tokens
from destination_sage_intacct.intacct.exchange import Exchange, HttpRequest
from destination_sage_intacct.intacct.verdict import HTTP_OK_BELOW, Answer


@dataclass(frozen=True, slots=True)
class TokenScope:
    """What a token is for; each is empty where the server does not tell, `entity` at the top level too."""

    company: str = ""
    entity: str = ""


@dataclass(frozen=True, slots=True)
class Introspection:
    """`POST {base}/oauth2/introspect` (Sage REST guide, OAuth 2.0), which asks for the app's own credentials too."""

    base_url: str
    exchange: Exchange
    tokens: Tokens
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)

    def scope(self) -> TokenScope:
        """Return what the token in use is for. Asked once, without retries.

        Raises:
            AuthenticationError, OutageError: there is no token to ask about.
        """
        form = {"client_id": self.client_id, "client_secret": self.client_secret, "token": self.tokens.current()}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        url = f"{self.base_url}/oauth2/introspect"
        outcome = self.exchange(HttpRequest("POST", url, headers, urlencode(form).encode()))
        payload = outcome.payload if isinstance(outcome, Answer) and outcome.status < HTTP_OK_BELOW else None
        told = payload if isinstance(payload, Mapping) else {}
        return TokenScope(*(name if isinstance(name, str) else "" for name in map(told.get, ("cny_id", "entity_id"))))
