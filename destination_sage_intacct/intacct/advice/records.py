"""Answers about records and their ids: duplicates, numbering, references that are missing or inactive."""

from destination_sage_intacct.intacct.advice.remedy import NOUN, Remedy, absent
from destination_sage_intacct.intacct.errors import DUPLICATE_WORDS

# "Make sure that there are no duplicates" appears with other errors too (Expensify help, INT149).
_DUPLICATE = "|".join(
    (
        r"(?<!\bno )\bduplicate\b",
        "already been used",
        "already in use(?! by)",
        *(words for words in DUPLICATE_WORDS if words != "duplicate"),
    )
)

DUPLICATES = (
    # go client jfcote87/intacct and PSIntacct, in answers to the XML interface.
    Remedy(
        "duplicate_contact",
        "A contact of this name exists already: refer to it by its id instead of giving its fields, or use another "
        "name.",
        words=r"another contact with the .*value.*already exists"
        r"|\bcontact\b.{0,60}\b(already exists|already in use(?! by)|must be unique)",
    ),
    # Ruby client intacct-ruby, error code BL03002185.
    Remedy(
        "duplicate_document_number",
        "A document with this number exists already: match on the number to update it, or use another number.",
        words=rf"\b(transaction|document|invoice|bill)\b.*\bnumber\b.*({_DUPLICATE})|duplicate .*\bnumber"
        rf"|\b(transaction|document|invoice|bill|journal entry)( \S+)? already exists",
        ids=("BL03002185",),
    ),
    # fyle-intacct-api; go client jfcote87/intacct.
    Remedy(
        "duplicate_id",
        "A record with this id or number exists already: to update it, upsert, and find records by that field or by "
        "the record key (`matching`; in data activation the matching key); otherwise use another one.",
        words=rf"\b(?P<own>id)\b.*({_DUPLICATE})|({_DUPLICATE}).*\b(?P<own2>id)\b|{_DUPLICATE}",
        ids=("BL34000061", "PL05000104"),
    ),
)

_NUMBERED = (
    # Bill.com help.
    Remedy(
        "id_missing",
        "Send an `id`, or turn on numbering by a document sequence for this object in Sage Intacct.",
        words=r"required field '?(customer|vendor|employee|project|contact) id'? is missing",
        field="id",
    ),
    # intacct-sdk-js issue 86; a public client of the older interface (PL01000127).
    Remedy(
        "number_missing",
        "Send the number of the document (`billNumber`, `invoiceNumber`), or turn on numbering by a document sequence "
        "in the configuration of Accounts Payable or Receivable.",
        words=r"\benter an? (valid )?(?P<number>bill|invoice|document|transaction|adjustment) number\b"
        r"|\b(?P<number2>bill|invoice|document|transaction|adjustment) number (is |was )?(missing|required)\b"
        r"|\benter a number for the (?P<number3>bill|invoice)\b",
        ids=("BL03002128",),
    ),
    # guess: no source shows the text.
    Remedy(
        "sequence_ended",
        "The document sequence that numbers these records has no number left: extend it in Sage Intacct, or send the "
        "number.",
        words=r"\b(document|number\w*) sequence\b.{0,60}\b(exhausted|reached|expired|ended|no more|no next)",
    ),
    # guess: the choice is documented (Sage's OpenAPI, `id`), its text is not.
    Remedy(
        "id_numbered_by_sage",
        "Sage Intacct numbers these records itself: map no column to the id or number, or turn the numbering off.",
        words=r"\b(id|number)\b.{0,60}\b(auto-?number\w*|document sequence)\b"
        r"|\b(auto-?number\w*|document sequence)\b.{0,60}\b(is|are) (on|enabled|turned on|used)\b",
    ),
)

_REFERENCES = (
    # guess: attachments and their folders are documented, no text is.
    Remedy(
        "attachment_missing",
        "Create the attachment in Sage Intacct first (`company-config/attachment`), or send the id of one that exists.",
        words=absent(r"attachment|supporting document") + r"|\b(invalid|unknown) (attachment|supporting document)",
        field="attachment",
    ),
    # fyle-intacct-api, errors.py ("Activate the vendor"); the other words are a guess.
    Remedy(
        "reference_inactive",
        "The record that the row refers to is inactive: activate it in Sage Intacct, or use another one.",
        words=rf"activate the (?P<noun>{NOUN})\b"
        rf"|(?P<noun2>{NOUN})\b.{{0,80}}\b(is|are) (an? )?(inactive|not (an )?active)"
        rf"|(?P<noun3>{NOUN})\b.*\bnot for posting|\binactive (?P<noun4>{NOUN})\b",
    ),
    # Bill.com help.
    Remedy(
        "term_missing",
        "Create the payment term in Sage Intacct (receivable for invoices, payable for bills), or use one that exists.",
        words=absent(r"(payment )?terms?( name)?") + r"|\b(invalid|unknown) (payment )?terms?( name)?\b",
        field="term",
    ),
    # intacct-sdk-net, BL03000019.
    Remedy(
        "contact_missing",
        "Create the contact first (`company-config/contact`), or send the id of one that exists.",
        words=absent(r"contact( name)?") + r"|\binvalid contact\b(?! (e-?mail|phone))",
        ids=("BL03000019",),
        field="contact",
    ),
    # A public client of the older interface ("Object definition"); the other words are a guess.
    Remedy(
        "unknown_object",
        "Check the object: a custom object's path is platform-apps/nsp::name, and display names differ from API names.",
        words=r"object definition|\bresource\b.*(does not exist|not found|could not be found)|(invalid|unknown) object",
    ),
    # Sage REST guide, error handling (404); PSIntacct ("Cannot find customer"); intacct-sdk-net issue 21.
    Remedy(
        "no_such_record",
        "No record has this key in the configured entity: check the column that is mapped to the record key; it must "
        "hold the record's `key`, not its visible id.",
        words=r"\bnotfound\b|\bwith key\b|\bno record exi\w*"
        rf"|^(?!.*\b({NOUN})\b).*{absent('record|document|transaction|line|entry')}",
        statuses=(404,),
    ),
    # fyle-intacct-api, errors.py: every form of "invalid" with the word for the field; Expensify help, INT054,
    # INT149, INT664.
    Remedy(
        "reference_missing",
        "Create the missing record first, or correct the id in the row; ids are compared exactly.",
        words=rf"\b(?:invalid|unknown) (?P<noun>{NOUN})\b(?!['\u2019]s)"
        r"(?! (?:e-?mail|name|phone|tax|date|amount|address|type|status))"
        rf"|{absent(rf'(?P<noun2>{NOUN})')}"
        rf"|\b(?:enter|select|choose|specify) a valid (?P<noun3>{NOUN})\b"
        rf"|\bno (sage intacct )?(?P<noun4>{NOUN})( record)? (was )?found\b"
        r"|\b(could(?: not|n.t)|can(?: ?not|.t)|unable to) find (an? |the |any )?(sage intacct )?"
        rf"(?P<noun5>{NOUN})\b",
    ),
)

RECORDS = (*_NUMBERED, *_REFERENCES)
