"""What can go wrong, and what Sage Intacct says about it.

    IntacctError
    ├── ConfigurationError     a person must change something; trying again does not help
    │   ├── AuthenticationError    client, token, user or web services
    │   │   └── GrantLostError         the refresh token alone
    │   └── AccessError            an object or an entity that this user may not touch
    └── OutageError            the way to Sage Intacct is broken for now; trying again later helps
        ├── NotTakenError          for requests of this size or kind only
        └── AnswerTooLargeError    for questions about this number of records only

A record that Sage Intacct rejects is not an exception but a value: the `SageError` in its place of the results.
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from destination_sage_intacct.intacct.redaction import redacted, values_of

# Errors that only wrap the one that matters (Sage REST guide, error handling; production bodies of fyle-intacct-api).
_WRAPPERS = frozenset({"REST-7001", "REST-1064", "GL-0951"})
# Others are known by their words alone: AR-0279 and BL01001973 are used for reasons as well (CPW-Innergy, live; fyle).
_WRAPPING_WORDS = re.compile(
    r"(currently, we (can.t|cannot|can not) \w+ the \w+( '[^']*')?|could not \w+ .{1,60} record"
    r"|validate .{1,60} record failed)\W*",
    re.IGNORECASE,
)
# What wrappers advise (intacct-sdk-js issue 86): it says no more than that something is wrong.
_HOLLOW_ADVICE = re.compile(r"check the \w+ for errors or inconsistencies", re.IGNORECASE)
# Texts that come from the older interface carry the support id within (fyle-intacct-api, production).
_SUPPORT_ID = re.compile(r"\s*\[Support ID:\s*([^\]]*?)\s*\]", re.IGNORECASE)
# What codes, fields and support ids look like in every answer seen; other texts may be values of a row.
_CODE = re.compile(r"[A-Za-z][\w.:-]{0,79}")
_FIELD = re.compile(r"[A-Za-z_][\w:]*(?:\[\d*\]|\.[\w:]+)*")
_SUPPORT = re.compile(r"[\w%~.:+/=-]{1,200}")
_SHORTEST_VALUE = 4
_NO_REASON = "no reason given"
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})

# Which status and number a duplicate has is not documented; its words are (production bodies of fyle-intacct-api).
DUPLICATE_WORDS = ("already exists", "duplicate", "must be unique", "not unique")
# The older interface's numbers for it, which REST passes on for other refusals (fyle-intacct-api, intacct-ruby).
DUPLICATE_IDS = ("BL34000061", "PL05000104", "BL03002185")


class IntacctError(Exception):
    """Base of everything that this package raises; the text is written for the person who must act."""


class ConfigurationError(IntacctError):
    """A person must change the configuration or something in Sage Intacct."""


class AuthenticationError(ConfigurationError):
    """Signing in failed, or the token is refused and cannot be renewed."""


class GrantLostError(AuthenticationError):
    """The refresh token is no longer accepted: it was revoked, has expired, or something else has replaced it."""


class AccessError(ConfigurationError):
    """The user may not touch this object or this entity."""


class OutageError(IntacctError):
    """Sage Intacct could not be reached, or not in time; the same run may succeed later."""


class NotTakenError(OutageError):
    """Something on the way, not Sage Intacct, takes no request of this size or kind; a smaller one may pass.

    Attributes:
        status: what it answered.
    """

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


class AnswerTooLargeError(OutageError):
    """The answer to a question holds more than fits into memory; one about fewer records may fit."""


@dataclass(frozen=True, slots=True)
class SageError:
    """One error as Sage Intacct reports it, reduced to the detail that matters.

    `field` is dotted (`contacts.default.email1`), `code` Sage's word (`invalidRequest`), `error_id` its number
    (`REST-1043`), `support_id` what Sage's support asks for, `correction` what Sage itself advises.
    All may hold values of the rows that were sent; `shown` does not. `sent`: the body of the request. `foreseen`: Sage
    Intacct has not said it, but is expected to.
    """

    message: str
    status: int = 0
    code: str = ""
    error_id: str = ""
    field: str = ""
    support_id: str = ""
    correction: str = ""
    sent: bytes = dataclasses.field(default=b"", repr=False, compare=False)
    foreseen: bool = False

    @property
    def shown(self) -> "SageError":
        """Return the error without the values that were sent, for everybody who reads a log."""
        return self.without(values_of(self.sent)) if self.sent else self

    def without(self, values: Iterable[str]) -> "SageError":
        """Return the error without these values; what is no code, field or id of Sage's own is left out as a whole."""
        hidden = tuple(values)
        folded = {value.strip().casefold() for value in hidden if len(value.strip()) >= _SHORTEST_VALUE}

        def own(text: str, form: re.Pattern[str]) -> str:
            parts = {part.casefold() for part in (text, *re.split(r"[.\[\]]", text))}
            return text if form.fullmatch(text) and not parts & folded else ""

        return replace(
            self,
            message=redacted(self.message, hidden),
            correction=redacted(self.correction, hidden),
            code=own(self.code, _CODE),
            error_id=own(self.error_id, _CODE),
            field=own(self.field, _FIELD),
            support_id=own(self.support_id, _SUPPORT),
        )

    @property
    def mark(self) -> str:
        """Return what to search Sage's documentation for: the error's number, else its code, else its status."""
        return self.error_id or self.code or f"HTTP {self.status}"

    @property
    def said(self) -> str:
        """Return the error as a sentence: `Sage Intacct says: <message>. [<mark>]`."""
        shown = self.shown
        return sage_says(shown.message, shown.mark)

    @property
    def words(self) -> str:
        """Return all words of the error as Sage writes them."""
        return f"{self.code} {self.error_id} {self.message} {self.correction}"

    @property
    def reason(self) -> str:
        """Return code, number and the words that say why; Sage's advice too where its message only wraps a reason."""
        wraps = _WRAPPING_WORDS.fullmatch(self.message) or self.message == _NO_REASON
        return f"{self.code} {self.error_id} {self.message}" + (f" {self.correction}" if wraps else "")

    @property
    def searchable(self) -> str:
        """Return all words of the error in lower case."""
        return self.words.lower()

    @property
    def is_duplicate(self) -> bool:
        """Return whether a record was refused because another one has its id, number or name."""
        return self.error_id in DUPLICATE_IDS or any(words in self.searchable for words in DUPLICATE_WORDS)

    @property
    def is_transient(self) -> bool:
        """Return whether the same request may succeed later: too many requests, or a failure of the server."""
        return self.status in _PASSING or self.is_server_failure

    @property
    def is_server_failure(self) -> bool:
        """Return whether the server failed, so that it may have done what was asked."""
        return self.status >= HTTPStatus.INTERNAL_SERVER_ERROR


def sage_says(message: str, *marks: str) -> str:
    """Return Sage Intacct's words as a sentence, with what identifies the error: `Sage Intacct says: No. [REST-1]`."""
    return f"Sage Intacct says: {sentence(message)} [{', '.join(marks)}]"


def sentence(text: str) -> str:
    """Return a text with a full stop, unless it ends as a sentence does."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def raise_if_forbidden(result: object, path: str, entity: str) -> None:
    """Raise if the object or the entity is closed as a whole: every further row would fail in the same way.

    Args:
        result: of one record, or of all that were sent together.
        path: of the object.
        entity: in which the request was made, empty for the top level.

    Raises:
        AccessError: says what must be permitted, and to whom.
    """
    if isinstance(result, SageError) and result.status == HTTPStatus.FORBIDDEN and not _is_about_one_record(result):
        raise AccessError(access_text(path, entity, result))


def _is_about_one_record(error: SageError) -> bool:
    return bool(error.field) or "record" in error.message.lower()


def is_about_entity(entity: str, error: SageError) -> bool:
    """Return whether a 403 is about the entity in which the request was made, if it was made in one."""
    return bool(entity) and "entity" in error.searchable


def access_text(path: str, entity: str, error: SageError) -> str:
    """Return what must be permitted after a 403, and to whom."""
    if is_about_entity(entity, error):
        return (
            f"Access to entity {entity} is denied (403). {error.said} Assign the user to the entity under Company > "
            "Admin > Users > User entities in Sage Intacct, and check `entity_id`."
        )
    return (
        f"Access to {path} is denied (403). {error.said} Give the Web Services user and the app permission to list, "
        "add and edit this object, and check that the company is subscribed to its application."
    )


def parse_error(payload: object, status: int) -> SageError | None:
    """Find the error in an answer's body; None when the body holds none in a form of Sage's.

    All nestings seen live are read: `ia::result.ia::error`, the same in a list of one with its own `ia::status`,
    `ia::error` at the top (as object or list), a bare `error` with Sage's number, and details as a list or an object.
    """
    if not isinstance(payload, Mapping):
        return None
    result = _alone(payload.get("ia::result"))
    found = result.get("ia::error") or payload.get("ia::error") or _numbered(payload.get("error"))
    own_status = result.get("ia::status")
    if isinstance(own_status, int) and own_status >= HTTPStatus.BAD_REQUEST:
        status = own_status
        found = found or {"message": f"HTTP {status} without an explanation"}
    if isinstance(found, list):
        found = next((entry for entry in found if isinstance(entry, Mapping)), None)
    if isinstance(found, str):
        return SageError(message=found, status=status)
    return _most_specific(found, status) if isinstance(found, Mapping) else None


def parse_oauth_error(payload: object, status: int) -> SageError | None:
    """Find the error in an answer of the token endpoint: in a form of Sage's, or of OAuth 2.0 (RFC 6749, 5.2)."""
    code = payload.get("error") if isinstance(payload, Mapping) else None
    if isinstance(code, str) and isinstance(payload, Mapping):
        return SageError(message=_text(payload.get("error_description")) or code, status=status, code=code)
    return parse_error(payload, status)


def _numbered(error: object) -> Mapping[str, Any] | None:
    """Return a bare error that has one of Sage's numbers: many gateways call their own errors `error` as well."""
    return error if isinstance(error, Mapping) and _text(error.get("errorId")) else None


def _alone(result: object) -> Mapping[str, Any]:
    """Return the result of the one record that was asked about; it may be the only one in a list."""
    if isinstance(result, list) and len(result) == 1:
        result = result[0]
    return result if isinstance(result, Mapping) else {}


def _most_specific(error: Mapping[str, Any], status: int) -> SageError:
    """Take the first detail that is not itself a wrapper; keep the wrapper's support id."""
    levels = list(_levels(error))
    chosen = _level_that_explains(levels)
    support_id = next((text for level in (chosen, *levels) if (text := _support_id(level))), "")
    return SageError(
        message=_message(chosen) or _NO_REASON,
        status=status,
        code=_text(chosen.get("code")) or _text(error.get("code")),
        error_id=_text(chosen.get("errorId")) or _gateway_id(error),
        field=_text(chosen.get("target")).strip("/").replace("/", "."),
        support_id=support_id or _request_id(error),
        correction=_correction(chosen, levels),
    )


def _correction(chosen: Mapping[str, Any], levels: list[Mapping[str, Any]]) -> str:
    """Return what Sage advises about the reason, else what a wrapper advises, unless that says nothing."""
    of_wrappers = (_text(level.get("correction")) for level in levels if level is levels[0] or _is_wrapper(level))
    useful = (text for text in of_wrappers if text and not _HOLLOW_ADVICE.match(text))
    return _text(chosen.get("correction")) or next(useful, "")


def _level_that_explains(levels: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the level that explains most: a reason, else a wrapper with advice, else the deepest with words."""
    said = [level for level in levels if _message(level)]
    reasons = (level for level in said if level is not levels[0] and not _is_wrapper(level))
    advising = (level for level in said[1:] if _text(level.get("correction")))
    return next(reasons, None) or next(advising, None) or (said or levels)[-1 if said else 0]


def _is_wrapper(level: Mapping[str, Any]) -> bool:
    return _text(level.get("errorId")) in _WRAPPERS or _WRAPPING_WORDS.fullmatch(_message(level)) is not None


def _levels(error: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield error
    details = error.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, Mapping):
            yield from _levels(detail)


def _gateway_id(error: Mapping[str, Any]) -> str:
    """Return the error's number; the gateway puts it into `code` (`GW-0010`)."""
    code = _text(error.get("code"))
    return _text(error.get("errorId")) or (code if code.startswith(("GW-", "REST-")) else "")


def _request_id(error: Mapping[str, Any]) -> str:
    details = error.get("details")
    return _text(details.get("requestId")) if isinstance(details, Mapping) else ""


def _message(level: Mapping[str, Any]) -> str:
    return _SUPPORT_ID.sub("", _text(level.get("message")))


def _support_id(level: Mapping[str, Any]) -> str:
    within = _SUPPORT_ID.search(_text(level.get("message")))
    return _text(level.get("supportId")) or (within.group(1) if within else "")


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
