"""From Sage's error ids, codes and words to one sentence of advice and the field at fault."""

from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.intacct.objects import object_at
from destination_sage_intacct.intacct.remedies.access import ACCESS
from destination_sage_intacct.intacct.remedies.books import BOOKS, RULES
from destination_sage_intacct.intacct.remedies.records import RECORDS
from destination_sage_intacct.intacct.remedies.remedy import Remedy
from destination_sage_intacct.intacct.remedies.requests import REQUESTS
from destination_sage_intacct.intacct.remedies.values import CHOICES, FIELD_NAMES, VALUES

# The first that fits counts: from the specific to the general. A rule of the company may say anything, so rules come
# before all, and a number that says which field is wrong before words that only speak of it. A list of choices may hold
# any word (`activeNonPosting`), so it comes before the words that mean something by themselves.
REMEDIES: tuple[Remedy, ...] = (*RULES, *FIELD_NAMES, *CHOICES, *BOOKS, *RECORDS, *VALUES, *ACCESS, *REQUESTS)

_GENERAL = "Correct the row in the warehouse or the record in Sage Intacct and send the row again."


def advise(error: SageError) -> str:
    """Return one sentence on what to do about a refused record; Sage's own correction where we know nothing better."""
    remedy = _remedy(error)
    return remedy.advice if remedy else error.correction or _GENERAL


def field_at_fault(error: SageError, path: str = "") -> str:
    """Return the field that Sage points at, otherwise the one that only its words name; empty when neither does.

    The names are the API's own, dotted, and never hold a value of the row.

    Args:
        error: of one record.
        path: of the record's object, which tells what its date is called; empty where it is not known.
    """
    remedy = _remedy(error)
    if error.field or remedy is None:
        return error.field
    return object_at(path).dated_by if remedy.about_the_date else remedy.field_at_fault(error)


def _remedy(error: SageError) -> Remedy | None:
    return next((remedy for remedy in REMEDIES if remedy.fits(error)), None)
