"""Refusals about records: there already, not there, inactive, held by others, in a state that forbids the change."""

from destination_sage_intacct.intacct.errors import DUPLICATE_WORDS
from destination_sage_intacct.intacct.remedies.remedy import NOUN, Remedy

_DUPLICATE = "|".join(DUPLICATE_WORDS)
_MISSING = r"(does not exist|not found|not valid|\binvalid\b)"

_THERE_ALREADY = (
    # go client jfcote87/intacct and PSIntacct, in answers to the XML interface.
    Remedy(
        "A contact of this name exists already: name it by its id in place of its fields, or use another name.",
        words=r"another contact with the .*value.*already exists",
    ),
    # Ruby client intacct-ruby, error code BL03002185.
    Remedy(
        "A document with this number exists already: match on the number to update it, or use another number.",
        words=rf"\b(transaction|document|invoice|bill)\b.*\bnumber\b.*({_DUPLICATE})|duplicate .*\bnumber",
        ids=("BL03002185",),
    ),
    # fyle-intacct-api; go client jfcote87/intacct.
    Remedy(
        "A record with this id or number exists already: to update it, upsert, and find records by that field or by "
        "the record key (`matching`; in data activation the matching key); otherwise use another one.",
        words=rf"\b(?P<own>id)\b.*({_DUPLICATE})|({_DUPLICATE}).*\b(?P<own2>id)\b|{_DUPLICATE}",
        ids=("BL34000061", "PL05000104"),
    ),
)

_HELD = (
    # guess: no source shows the text.
    Remedy(
        "Another user or integration holds the record; the row is not at fault: send it again when it is free.",
        words=r"record is locked|locked by|in use by another user",
    ),
    # Bill.com help; Sage's help, contract payments; Sage's help, import of bills.
    Remedy(
        "The document is paid, at least in part: reverse its payment in Sage Intacct first, or leave it as it is.",
        words=r"already paid|payment has been made|(partially|fully) paid|no due on the (bill|invoice)",
    ),
    # CPW-Innergy-POs-to-Sage-Intacct-Import, live.
    Remedy(
        "Send `draft`, or map no column to `state`: a document without a state is posted.",
        words=r"state must be draft|not a valid state",
        field="state",
    ),
    # QuoteProject_Intacct_Integration, live; its text is not shown.
    Remedy(
        "The transaction definition forbids to delete its documents: close the document, or change the delete policy.",
        words=r"delete policy",
        ids=("INV-1372",),
    ),
    # guess: no source shows the text.
    Remedy(
        "A posted document cannot be changed: reverse it in Sage Intacct and send the corrected one as a new document.",
        words=r"\b(posted|approved|submitted|reversed)\b.*(cannot|can.t|can not|may not) be",
    ),
    # guess: no source shows the text.
    Remedy(
        "Other records use this contact: change it as a contact of its own, or give this record another contact.",
        words=r"\bcontact\b.*\b(in use|used by|being used|used in)\b",
        field="contact",
    ),
    # guess: no source shows the text.
    Remedy(
        "Other records use this one, so it stays: make it inactive (`status`) in place of deleting it.",
        words=r"(cannot|can.t|can not|could not) be deleted|\b(in use|used by|being used|referenced by)\b",
    ),
)

_NUMBERED = (
    # Bill.com help.
    Remedy(
        "Send an `id`, or turn on numbering by a document sequence for this object in Sage Intacct.",
        words=r"required field '?(customer|vendor|employee|project|contact) id'? is missing",
        field="id",
    ),
    # guess: the choice is documented (Sage's OpenAPI, `id`), its text is not.
    Remedy(
        "Sage Intacct numbers these records itself: map no column to the id or number, or turn the numbering off.",
        words=r"auto-?number|document sequence",
    ),
)

_REFERENCES = (
    # fyle-intacct-api, errors.py ("Activate the vendor"); the other words are a guess.
    Remedy(
        "The record that the row refers to is inactive: activate it in Sage Intacct, or use another one.",
        words=rf"activate the (?P<noun>{NOUN})|(?P<noun2>{NOUN})\b.*\b(is inactive|is not active|not for posting)",
    ),
    # Bill.com help.
    Remedy(
        "Create the payment term in Sage Intacct (receivable for invoices, payable for bills), or use one that exists.",
        words=rf"\bterms?\b( name)?.*{_MISSING}|{_MISSING}.*\bterm\b",
        field="term",
    ),
    # intacct-sdk-net, BL03000019.
    Remedy(
        "Create the contact first (`company-config/contact`), or send the id of one that exists.",
        words=rf"\bcontact\b.*{_MISSING}|\binvalid contact\b",
        ids=("BL03000019",),
        field="contact",
    ),
    # A public client of the older interface ("Object definition"); the other words are a guess.
    Remedy(
        "Check the object: a custom object's path is platform-apps/nsp::name, and display names differ from API names.",
        words=r"object definition|\bresource\b.*(does not exist|not found|could not be found)|(invalid|unknown) object",
    ),
    # Sage REST guide, error handling (404); PSIntacct ("Cannot find customer").
    Remedy(
        "No record has this key in the configured entity: check the column that is mapped to the record key; it must "
        "hold the record's `key`, not its visible id.",
        words=rf"\bnotfound\b|\bwith key\b|could not be found|^(?!.*\b({NOUN})\b).*(not found|does not exist)",
        statuses=(404,),
    ),
    # fyle-intacct-api, errors.py: every form of "invalid" with the word for the field.
    Remedy(
        "Create the missing record first, or correct the id in the row; ids are compared exactly.",
        words=rf"\b(invalid|not valid|not found|does not exist)\b.*?\b(?P<noun>{NOUN})\b"
        rf"|\b(?P<noun2>{NOUN})\b.*{_MISSING}",
    ),
)

RECORDS = (*_THERE_ALREADY, *_HELD, *_NUMBERED, *_REFERENCES)
