"""What went wrong when signing in, and what to do: pure texts for the person who must act."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from destination_sage_intacct.intacct.errors import SageError, parse_error
from destination_sage_intacct.intacct.verdict import HTTP_OK_BELOW, Answer, Lost

# Every token endpoint takes a POST; where it is not found or takes none, the address is another one's.
_NOT_THE_ENDPOINT = frozenset({404, 405})
_CHECK_SUBSCRIPTION = "Company > Admin > Subscriptions and Web Services users in Sage Intacct"


@dataclass(frozen=True, slots=True)
class SignIn:
    """How it was tried: at which base URL, for which entity (empty for the top level), by which of the two grants."""

    base_url: str
    entity: str
    by_refresh_token: bool


def refused_text(answer: Answer, sign_in: SignIn) -> str:
    """Say why an answer of the token endpoint gave no token, and what to check."""
    said = parse_error(answer.payload, answer.status)
    error = said or SageError(_without_words(answer), answer.status)
    if answer.status in _NOT_THE_ENDPOINT:
        return (
            f"`api_url` leads to no Sage Intacct REST API: {sign_in.base_url}/oauth2/token answers "
            f"{error.message.rstrip('.')}. It ends in /ia/api/v1, as in https://api.intacct.com/ia/api/v1."
        )
    mark = f" [{error.error_id or error.code or f'HTTP {error.status}'}]" if said else ""
    return f"Signing in to Sage Intacct failed: {error.message.rstrip('.')}{mark}. {_advice(error, sign_in)}"


def unanswered_text(attempt: Answer | Lost, attempts: int, sign_in: SignIn) -> str:
    """Say why the token endpoint could not be asked in so many attempts, and what to check."""
    count = "1 attempt" if attempts == 1 else f"{attempts} attempts"
    failed = f"Signing in to Sage Intacct failed in {count}"
    if isinstance(attempt, Lost):
        return (
            f"{failed}: {attempt.reason}. Check `api_url` ({sign_in.base_url}), and that the network, its firewall and "
            f"its proxy let the connector reach {urlsplit(sign_in.base_url).netloc}."
        )
    what = f"HTTP {attempt.status}" if attempt.readable else f"HTTP {attempt.status} with a body that is not JSON"
    return (
        f"{failed}: {what}. Check that `api_url` ({sign_in.base_url}) is the address of Sage Intacct's REST API; if it "
        "is, Sage Intacct or a proxy could not answer for now, and a later sync may succeed."
    )


def _without_words(answer: Answer) -> str:
    return f"HTTP {answer.status}" if answer.status >= HTTP_OK_BELOW else "the answer holds no access token"


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
    "replaces older ones), or the user is not a Web Services user of this company, or the Web Services subscription "
    f"is missing. Authorize the app again, and check {_CHECK_SUBSCRIPTION}."
)
_CHECK_USER = (
    "Check `company_id` and `user_id`: the user must be a Web Services user of just this company, and the company must "
    f"have the Web Services subscription; see {_CHECK_SUBSCRIPTION}."
)


def _entity_advice(entity: str) -> str:
    if not entity:
        return ""
    return (
        f"Check `entity_id` first: entity {entity} must exist, and the user be assigned to it under Company > Admin > "
        "Users > User entities. "
    )
