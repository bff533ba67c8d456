"""From Sage's error ids, codes and words to one sentence of advice and the field at fault.

The remedies are in one table, `REMEDIES`; a comment at each says where its words were seen.
"""

from destination_sage_intacct.intacct.advice.access import ACCESS, REQUESTS
from destination_sage_intacct.intacct.advice.books import BOOKS, RULES
from destination_sage_intacct.intacct.advice.records import CHOICES, FIELD_NAMES, RECORDS, VALUES
from destination_sage_intacct.intacct.advice.remedy import Remedy
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.intacct.objects import object_at

# The first that fits counts: from the specific to the general. A rule of the company may say anything, so rules come
# before all, and a number that says which field is wrong before words that only mention it. A list of choices may hold
# any word (`activeNonPosting`), so it comes before the words that mean something by themselves.
REMEDIES: tuple[Remedy, ...] = (*RULES, *FIELD_NAMES, *CHOICES, *BOOKS, *RECORDS, *VALUES, *ACCESS, *REQUESTS)

_GENERAL = "Correct the row in the warehouse or the record in Sage Intacct and send the row again."


def advise(error: SageError) -> str:
    """Return one sentence on what to do about a rejected record; Sage's own correction where we know nothing better."""
    remedy = remedy_for(error)
    return remedy.advice if remedy else error.correction or _GENERAL


def field_at_fault(error: SageError, path: str = "") -> str:
    """Return the field that Sage points at, otherwise the one that only its words name; empty when neither does.

    The names are the API's own, dotted, and never hold a value of the row.

    Args:
        error: of one record.
        path: of the record's object, which has its own name for the date; empty where it is not known.
    """
    remedy = remedy_for(error)
    if error.field or remedy is None:
        return error.field
    return object_at(path).dated_by if remedy.about_the_date else remedy.field_at_fault(error)


def remedy_for(error: SageError) -> Remedy | None:
    """Return the first remedy that fits an error; None where we know nothing better than Sage."""
    return next((remedy for remedy in REMEDIES if remedy.fits(error)), None)
