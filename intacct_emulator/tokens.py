"""Tokens of the emulated company: whose they are, until when they are valid, and for which entity."""

from dataclasses import dataclass, replace
from itertools import count

from intacct_emulator.clock import Clock
from intacct_emulator.settings import Settings

CLIENT_ID = "demo-client"
CLIENT_SECRET = "demo-secret"  # noqa: S105 - the emulator's demo secret
COMPANY = "demo"
USER = "demo"
# Every other user, such as `nows` of the tests, is without web services.
WEB_SERVICES_USERS = frozenset({USER})
ACCESS_TOKEN = "demo-access-token"  # noqa: S105 - the emulator's demo secret
REFRESH_TOKEN = "demo-refresh-token"  # noqa: S105 - the emulator's demo secret


@dataclass(frozen=True, slots=True)
class Grant:
    """What an access token is for. `expires` is in seconds of the clock, None for the demo token."""

    entity: str | None
    issued: float
    expires: float | None


@dataclass(frozen=True, slots=True)
class Issued:
    """A new pair of tokens; no refresh token where none is given."""

    access_token: str
    refresh_token: str | None
    expires_in: int


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code: whether it promises a refresh token, and the challenge to be answered."""

    offline: bool
    challenge: str | None


class Tokens:
    """Issues tokens and knows which are valid."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._numbers = count(1)
        self._access: dict[str, Grant] = {ACCESS_TOKEN: Grant(None, 0, None)}
        self._dead: set[str] = set()
        self._refresh: dict[str, str | None] = {REFRESH_TOKEN: None}
        self._codes: dict[str, Code] = {}

    def new_code(self, code: Code) -> str:
        """Return an authorization code for the demo user."""
        name = f"emulator-code-{next(self._numbers)}"
        self._codes[name] = code
        return name

    def take_code(self, name: str) -> Code | None:
        """Return the code, which is valid only once."""
        return self._codes.pop(name, None)

    def issue(self, entity: str | None, *, refresh: bool) -> Issued:
        """Return a new access token for the entity, with a refresh token if wanted."""
        number = next(self._numbers)
        seconds = self._settings.access_token_seconds
        access, now = f"emulator-access-{number}", self._clock.seconds()
        self._access[access] = Grant(entity, now, now + seconds)
        name = f"emulator-refresh-{number}" if refresh else None
        if name is not None:
            self._refresh[name] = entity
        return Issued(access, name, int(seconds))

    def renew(self, refresh_token: str, entity: str | None) -> Issued | None:
        """Return a new access token for a refresh token, None if that one is not valid.

        A rotated refresh token is replaced by the answer's own; otherwise it stays valid, and is given again.
        """
        if refresh_token not in self._refresh:
            return None
        entity = entity or self._refresh[refresh_token]
        if self._settings.rotate_refresh_tokens:
            del self._refresh[refresh_token]
            return self.issue(entity, refresh=True)
        issued = self.issue(entity, refresh=False)
        # guess[refresh-answer]: a client in production reads the token of every such answer (Fyle's SDK); that it is
        # the same one.
        return replace(issued, refresh_token=refresh_token if self._settings.refresh_answer == "token" else None)

    def grant(self, access_token: str) -> Grant | None:
        """Return what the token grants, None if it is not valid."""
        grant = self._access.get(access_token)
        if grant is None or (grant.expires is not None and grant.expires <= self._clock.seconds()):
            return None
        return grant

    def was_issued(self, access_token: str) -> bool:
        """Return whether the token was ever valid."""
        return access_token in self._access or access_token in self._dead

    def expire_all(self) -> None:
        """End every access token now, the demo token too; refresh tokens stay."""
        self._dead |= self._access.keys()
        self._access.clear()

    def revoke(self) -> None:
        """End every token of the user, the company and the application, as Sage's revoke does."""
        self.expire_all()
        self._refresh.clear()
