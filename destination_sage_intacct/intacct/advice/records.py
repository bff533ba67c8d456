"""Answers about records and their values: duplicates, held ones, missing references, fields and their form."""

from destination_sage_intacct.intacct.advice.remedy import NOUN, Remedy
from destination_sage_intacct.intacct.errors import DUPLICATE_WORDS

_DUPLICATE = "|".join(DUPLICATE_WORDS)
_MISSING = r"(does not exist|not found|not valid|\binvalid\b)"

_THERE_ALREADY = (
    # go client jfcote87/intacct and PSIntacct, in answers to the XML interface.
    Remedy(
        "duplicate_contact",
        "A contact of this name exists already: name it by its id in place of its fields, or use another name.",
        words=r"another contact with the .*value.*already exists",
    ),
    # Ruby client intacct-ruby, error code BL03002185.
    Remedy(
        "duplicate_document_number",
        "A document with this number exists already: match on the number to update it, or use another number.",
        words=rf"\b(transaction|document|invoice|bill)\b.*\bnumber\b.*({_DUPLICATE})|duplicate .*\bnumber",
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

_HELD = (
    # guess: no source shows the text.
    Remedy(
        "record_locked",
        "Another user or integration holds the record; the row is not at fault: send it again when it is free.",
        words=r"record is locked|locked by|in use by another user",
    ),
    # Bill.com help; Sage's help, contract payments; Sage's help, import of bills.
    Remedy(
        "document_paid",
        "The document is paid, at least in part: reverse its payment in Sage Intacct first, or leave it as it is.",
        words=r"already paid|payment has been made|(partially|fully) paid|no due on the (bill|invoice)",
    ),
    # CPW-Innergy-POs-to-Sage-Intacct-Import, live.
    Remedy(
        "state_not_draft",
        "Send `draft`, or map no column to `state`: Sage Intacct then gives the document its usual first state.",
        words=r"state must be draft|not a valid state",
        field="state",
    ),
    # QuoteProject_Intacct_Integration, live; its text is not shown.
    Remedy(
        "delete_policy",
        "The transaction definition forbids to delete its documents: close the document, or change the delete policy.",
        words=r"delete policy",
        ids=("INV-1372",),
    ),
    # guess: no source shows the text.
    Remedy(
        "document_posted",
        "A posted document cannot be changed: reverse it in Sage Intacct and send the corrected one as a new document.",
        words=r"\b(posted|approved|submitted|reversed)\b.*(cannot|can.t|can not|may not) be",
    ),
    # guess: no source shows the text.
    Remedy(
        "contact_in_use",
        "Other records use this contact: change it as a contact of its own, or give this record another contact.",
        words=r"\bcontact\b.*\b(in use|used by|being used|used in)\b",
        field="contact",
    ),
    # guess: no source shows the text.
    Remedy(
        "record_in_use",
        "Other records use this one, so it stays: make it inactive (`status`) in place of deleting it.",
        words=r"(cannot|can.t|can not|could not) be deleted|\b(in use|used by|being used|referenced by)\b",
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
    # guess: the choice is documented (Sage's OpenAPI, `id`), its text is not.
    Remedy(
        "id_numbered_by_sage",
        "Sage Intacct numbers these records itself: map no column to the id or number, or turn the numbering off.",
        words=r"auto-?number|document sequence",
    ),
)

_REFERENCES = (
    # fyle-intacct-api, errors.py ("Activate the vendor"); the other words are a guess.
    Remedy(
        "reference_inactive",
        "The record that the row refers to is inactive: activate it in Sage Intacct, or use another one.",
        words=rf"activate the (?P<noun>{NOUN})|(?P<noun2>{NOUN})\b.*\b(is inactive|is not active|not for posting)",
    ),
    # Bill.com help.
    Remedy(
        "term_missing",
        "Create the payment term in Sage Intacct (receivable for invoices, payable for bills), or use one that exists.",
        words=rf"\bterms?\b( name)?.*{_MISSING}|{_MISSING}.*\bterm\b",
        field="term",
    ),
    # intacct-sdk-net, BL03000019.
    Remedy(
        "contact_missing",
        "Create the contact first (`company-config/contact`), or send the id of one that exists.",
        words=rf"\bcontact\b.*{_MISSING}|\binvalid contact\b",
        ids=("BL03000019",),
        field="contact",
    ),
    # A public client of the older interface ("Object definition"); the other words are a guess.
    Remedy(
        "unknown_object",
        "Check the object: a custom object's path is platform-apps/nsp::name, and display names differ from API names.",
        words=r"object definition|\bresource\b.*(does not exist|not found|could not be found)|(invalid|unknown) object",
    ),
    # Sage REST guide, error handling (404); PSIntacct ("Cannot find customer").
    Remedy(
        "no_such_record",
        "No record has this key in the configured entity: check the column that is mapped to the record key; it must "
        "hold the record's `key`, not its visible id.",
        words=rf"\bnotfound\b|\bwith key\b|could not be found|^(?!.*\b({NOUN})\b).*(not found|does not exist)",
        statuses=(404,),
    ),
    # fyle-intacct-api, errors.py: every form of "invalid" with the word for the field.
    Remedy(
        "reference_missing",
        "Create the missing record first, or correct the id in the row; ids are compared exactly.",
        words=rf"\b(invalid|not valid|not found|does not exist)\b.*?\b(?P<noun>{NOUN})\b"
        rf"|\b(?P<noun2>{NOUN})\b.*{_MISSING}",
    ),
)

RECORDS = (*_THERE_ALREADY, *_HELD, *_NUMBERED, *_REFERENCES)

FIELD_NAMES = (
    # Sage's OpenAPI, error-response.
    Remedy(
        "unknown_field",
        "Check the field's name against the object's fields in Sage Intacct's REST API reference; custom fields begin "
        "with nsp::, and display names differ from API names.",
        ids=("REST-1043",),
        words=r"(?P<path>/[\w:/.-]+) is not a valid field|not a valid field|(unknown|unrecognized) field",
    ),
    # CPW-Innergy-POs-to-Sage-Intacct-Import, live.
    Remedy(
        "computed_field",
        "Sage Intacct computes this field and takes no value for it: do not map a column to it.",
        ids=("REST-1050",),
        words=r"(?P<path>/[\w:/.-]+) is a read-?only field|\bread-?only\b",
    ),
    # keboola/component-sage-intacct-extractor, recorded live.
    Remedy(
        "field_not_searchable",
        "Sage Intacct cannot search by this field: match on another one, or on the record key.",
        ids=("REST-1106",),
        words=r"the (?P<path>[\w:.]+) field in .* cannot be used in query",
    ),
    # Number and meaning: Sage REST guide, query.
    Remedy(
        "field_within_a_list",
        "Sage Intacct cannot search by a field within a list: match on a field of the record itself.",
        ids=("REST-1107",),
        words=r"crosses an array",
    ),
)

CHOICES = (
    # guess: no source shows the text; it lists the choices, whose words may be those of any other refusal.
    Remedy(
        "not_an_allowed_choice",
        "Use one of the values that Sage Intacct allows for this field; where `null_values` is `clear`, an empty value "
        "is sent too: fill the column in every row, or leave nulls unsent.",
        words=r"must be one of",
    ),
)

_UPDATES = (
    # guess: the model service reports such fields (`mutable: false`), no source shows the text.
    Remedy(
        "create_only_field",
        "Sage Intacct takes this field only for a new record: do not map a column to it in an update.",
        words=r"(cannot|can.t|can not|may not) be (changed|updated|modified)|not mutable|only .*on create",
    ),
)

_NOT_FILLED = (
    # OpenChain; Sage's help, import of bills.
    Remedy(
        "due_date_missing",
        "Send `dueDate`, or give the customer or vendor a payment term in Sage Intacct.",
        words=r"\b(date due|due date)\b.*\bmissing|requires the field due date|\bdueDate is required",
        field="dueDate",
    ),
    # OpenChain; Sage's help, import of bills; "is required" is a guess.
    Remedy(
        "field_required",
        "Fill this field: Sage Intacct requires it for a new record.",
        words=r"(?P<path>/[\w:/.-]+) is required|is required|required field|missing required|missing a value"
        r"|requires the field|must be (specified|provided)",
    ),
)

_FORM = (
    # guess: no source shows the text.
    Remedy(
        "date_format",
        "Send dates as YYYY-MM-DD and points in time as YYYY-MM-DDThh:mm:ssZ.",
        words=r"invalid date|date format|(date|time)\b.*\b(format|not valid|not a valid|invalid)|could not parse date"
        r"|must be a (date|time)",
    ),
    # PSIntacct, BL03000018; the same id is used for other refusals too.
    Remedy(
        "text_format",
        "The text does not have the form that the field needs, such as that of an e-mail address: correct it.",
        words=r"illegal format",
    ),
    # Sage's OpenAPI, bank-file/generate; the other words are a guess.
    Remedy(
        "value_not_allowed",
        "Use one of the values that Sage Intacct allows for this field.",
        words=r"allowed values|valid values?\b|\benum\b|not a valid value",
    ),
    # guess: no source shows the text.
    Remedy(
        "text_too_long",
        "Shorten the text to the length that the message names; Sage Intacct cuts nothing off.",
        words=r"too long|maximum length|max length|\bexceeds?\b.*\b(characters|length)",
    ),
    # guess: no source shows the text.
    Remedy(
        "wrong_type",
        "Send the value in the type of the field: numbers without units, true or false, references as id or key.",
        words=r"must be an? (\w+ )?(string|number|integer|boolean|object|array|list|amount)\b|expected type"
        r"|(invalid|wrong) (data )?type",
    ),
)

VALUES = (*_UPDATES, *_NOT_FILLED, *_FORM)
