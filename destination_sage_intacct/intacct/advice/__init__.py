"""From Sage's error ids, codes and words to one sentence of advice and the field at fault.

The remedies are in one table, `REMEDIES`; a comment at each says where its words were seen. `docs/advice.md` says which
published lists of refusals it covers.
"""

import re
from functools import lru_cache

from destination_sage_intacct.intacct.advice.access import ACCESS, FIRST, REQUESTS
from destination_sage_intacct.intacct.advice.books import BOOKS, RULES
from destination_sage_intacct.intacct.advice.dimensions import DIMENSIONS
from destination_sage_intacct.intacct.advice.documents import DOCUMENTS
from destination_sage_intacct.intacct.advice.people import PEOPLE
from destination_sage_intacct.intacct.advice.records import DUPLICATES, RECORDS
from destination_sage_intacct.intacct.advice.remedy import Remedy
from destination_sage_intacct.intacct.advice.values import CHOICES, FIELD_NAMES, VALUES
from destination_sage_intacct.intacct.errors import SageError, sentence
from destination_sage_intacct.intacct.objects import object_at

# The first that fits counts: from the specific to the general. A rule of the company may say anything, so rules come
# before all, and a number that says which field is wrong before words that only mention it. A list of choices may hold
# any word (`activeNonPosting`), so it comes before the words that mean something by themselves.
REMEDIES: tuple[Remedy, ...] = (
    *RULES,
    *FIELD_NAMES,
    *CHOICES,
    *FIRST,
    *PEOPLE,
    *BOOKS,
    *DIMENSIONS,
    *DUPLICATES,
    *DOCUMENTS,
    *RECORDS,
    *VALUES,
    *ACCESS,
    *REQUESTS,
)

_GENERAL = "Correct the row in the warehouse or the record in Sage Intacct and send the row again."
_LONGEST_REASON = 2_000  # characters; no sentence of Sage Intacct's is that long
_QUOTED = re.compile(r"(?<!\w)(?:'[^']*'|\"[^\"]*\"|\u2018[^\u2019]*\u2019|\u201c[^\u201d]*\u201d)(?!\w)")


def advise(error: SageError, correction: str | None = None) -> str:
    """Return what to do about a rejected record: our advice where the error is known, and always Sage's own.

    Args:
        error: as Sage writes it.
        correction: Sage's own advice as it may be shown; None to show it as Sage writes it.
    """
    remedy = remedy_for(error)
    sages = error.correction if correction is None else correction
    if remedy is None:
        return sages or _GENERAL
    return f"{remedy.advice} Sage Intacct advises: {sentence(sages)}" if sages else remedy.advice


def field_at_fault(error: SageError, path: str = "") -> str:
    """Return the field that Sage points at, otherwise the one that only its words name; empty when neither does.

    The names are the API's own, dotted, and never hold a value of the row.

    Args:
        error: of one record.
        path: of the record's object, which has its own name for the date; empty where it is not known.
    """
    remedy, match = _found(error)
    if error.field or remedy is None:
        return error.field
    return object_at(path).dated_by if remedy.about_the_date else remedy.field_in(match)


def remedy_for(error: SageError) -> Remedy | None:
    """Return the first remedy that fits an error; None where we know nothing better than Sage."""
    return _found(error)[0]


def _found(error: SageError) -> tuple[Remedy | None, re.Match[str] | None]:
    reason = error.reason[:_LONGEST_REASON]
    # What is quoted is most often a value of the row, which may hold any word; names of fields are quoted seldom.
    for text in dict.fromkeys((_QUOTED.sub("'…'", reason), reason)):
        remedy, match = _first(text, error.error_id, error.status)
        if remedy:
            return remedy, match
    return None, None


@lru_cache(maxsize=1000)  # thousands of rows may be rejected with the same words
def _first(text: str, error_id: str, status: int) -> tuple[Remedy | None, re.Match[str] | None]:
    for remedy in REMEDIES:
        match = remedy.match(text)
        if match or error_id in remedy.ids or status in remedy.statuses:
            return remedy, match
    return None, None
