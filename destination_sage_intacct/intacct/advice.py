"""From Sage's error ids, codes and words to one sentence of advice and the field at fault."""

from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.intacct.remedies.access import ACCESS
from destination_sage_intacct.intacct.remedies.books import BOOKS, RULES
from destination_sage_intacct.intacct.remedies.records import RECORDS
from destination_sage_intacct.intacct.remedies.remedy import Remedy
from destination_sage_intacct.intacct.remedies.requests import REQUESTS
from destination_sage_intacct.intacct.remedies.values import FIELD_NAMES, VALUES

# The first that fits counts: from the specific to the general. A rule of the company may say anything, so rules come
# before all, and a number that says which field is wrong before words that only speak of it.
REMEDIES: tuple[Remedy, ...] = (*RULES, *FIELD_NAMES, *BOOKS, *RECORDS, *VALUES, *ACCESS, *REQUESTS)

_GENERAL = "Correct the row in the warehouse or the record in Sage Intacct and send the row again."


def advise(error: SageError) -> str:
    """Return one sentence on what to do about a refused record; Sage's own correction where we know nothing better."""
    remedy = _remedy(error)
    return remedy.advice if remedy else error.correction or _GENERAL


def field_at_fault(error: SageError) -> str:
    """Return the field that Sage points at, otherwise the one that only its words name; empty when neither does.

    The names are the API's own, dotted, and never hold a value of the row.
    """
    remedy = _remedy(error)
    return error.field or (remedy.field_at_fault(error) if remedy else "")


def _remedy(error: SageError) -> Remedy | None:
    return next((remedy for remedy in REMEDIES if remedy.fits(error)), None)
