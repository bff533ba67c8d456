"""Which company and entity a token is for, as the server tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from destination_sage_intacct.intacct.auth import TokenEndpoint, Tokens
from destination_sage_intacct.intacct.verdict import HTTP_OK_BELOW, Answer

_UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class TokenScope:
    """What a token is for; each is empty where the server does not tell, `entity` and its key at the top level too.

    `is_told`: the server knows the token and has told. `has_ended`: it does not hold any more.
    """

    company: str = ""
    entity: str = ""
    entity_key: str = ""
    is_told: bool = False
    has_ended: bool = False


@dataclass(frozen=True, slots=True)
class Introspection:
    """Asks about the token in use."""

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
        if not isinstance(answer, Answer) or not isinstance(answer.payload, Mapping):
            return TokenScope()
        told = answer.payload
        if answer.status == _UNAUTHORIZED or told.get("active") is False:
            return TokenScope(has_ended=True)
        if answer.status >= HTTP_OK_BELOW or "active" not in told:
            return TokenScope()
        company, entity, entity_key = (_name(told.get(name)) for name in ("cny_id", "entity_id", "entity_key"))
        return TokenScope(company, entity, entity_key, is_told=True)


def _name(told: Any) -> str:  # noqa: ANN401 - whatever the server tells
    return str(told) if isinstance(told, str | int) and not isinstance(told, bool) else ""
