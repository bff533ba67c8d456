"""From Sage's error ids, codes and words to one sentence of advice."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from destination_sage_intacct.intacct.errors import DUPLICATE_WORDS, SageError


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Advice for errors whose number is one of `ids`, or whose words match `words`, or whose status is one of these."""

    advice: str
    ids: tuple[str, ...] = ()
    words: str = ""
    statuses: tuple[int, ...] = ()

    def matches(self, error: SageError) -> bool:
        if error.error_id and error.error_id in self.ids:
            return True
        if self.words and re.search(self.words, error.searchable):
            return True
        return error.status in self.statuses


_NO_SUCH_RECORD = (
    "No record has this key in the configured entity: check the column that is mapped to the record key; it must "
    "hold the record's `key`, not its visible id."
)
_REFERENCE = r"\b(customer|vendor|account|location|department|contact|term)\b"
_MISSING = r"(does not exist|not found|\binvalid\b)"

# The first that matches counts: from the specific to the general.
_PATTERNS: Sequence[_Pattern] = (
    _Pattern(
        "A record with this id or number exists already: update it by its record key, or use another id.",
        words="|".join(DUPLICATE_WORDS),
    ),
    _Pattern(
        "Another user or integration holds the record; the row is not at fault: send it again when it is free.",
        words=r"record is locked|locked by|in use by another",
    ),
    _Pattern(
        "Sage Intacct computes this field and takes no value for it: do not map a column to it.",
        ids=("REST-1050",),
        words=r"read-?only field|cannot be (changed|updated|modified)",
    ),
    _Pattern(
        "Check the field's name against the object's fields in Sage Intacct's REST API reference; custom fields begin "
        "with nsp::, and display names differ from API names.",
        ids=("REST-1043",),
        words=r"not a valid field|unknown field",
    ),
    _Pattern(
        "Debits and credits of the entry must be equal, also within each entity.",
        ids=("GL-1009",),
        words=r"do(es)? not balance",
    ),
    _Pattern(_NO_SUCH_RECORD, statuses=(404,)),
    _Pattern(
        "Create the missing record first, or correct the id in the row; ids are compared exactly.",
        words=rf"{_MISSING}.*{_REFERENCE}|{_REFERENCE}.*{_MISSING}",
    ),
    _Pattern(_NO_SUCH_RECORD, words=r"\bnotfound\b|not found|could not be found|does not exist"),
    _Pattern(
        "Fill this field: Sage Intacct requires it for a new record.",
        words=r"is required|required field|missing required|must be (specified|provided)",
    ),
    _Pattern(
        "Use one of the values that Sage Intacct allows for this field.",
        words=r"allowed values|valid values|must be one of|\benum\b|not a valid value",
    ),
    _Pattern(
        "The period is closed: open it in Sage Intacct, or use a date in an open period.",
        words=r"period.*closed|closed.*period",
    ),
    _Pattern(
        "The record is too large for one request: shorten its texts or split its lines.",
        words=r"too large|payload size",
        statuses=(413,),
    ),
    _Pattern(
        "The user may not write this record: check its permissions and the entities it is assigned to.",
        statuses=(403,),
    ),
    _Pattern(
        "Sage Intacct does not allow this change of the object: check the operation and the object's type.",
        statuses=(405,),
    ),
    _Pattern(
        "A rule of your company refused the record: check smart rules and required dimensions in Sage Intacct.",
        words=r"smart rule",
        ids=("BL04002055",),
    ),
    _Pattern(
        "Check the value against the field's type and format in Sage Intacct's REST API reference.",
        words=r"invalid|format|type",
        statuses=(400,),
    ),
)

_GENERAL = "Correct the row in the warehouse or the record in Sage Intacct and send the row again."


def advise(error: SageError) -> str:
    """Return one sentence on what to do about a refused record."""
    found = next((pattern.advice for pattern in _PATTERNS if pattern.matches(error)), None)
    return found or error.correction or _GENERAL
