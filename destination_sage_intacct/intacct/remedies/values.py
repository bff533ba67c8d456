"""Refusals about fields and their values: unknown, read-only, missing, of the wrong type, form or length."""

from destination_sage_intacct.intacct.remedies.remedy import Remedy

FIELD_NAMES = (
    # Sage's OpenAPI, error-response.
    Remedy(
        "Check the field's name against the object's fields in Sage Intacct's REST API reference; custom fields begin "
        "with nsp::, and display names differ from API names.",
        ids=("REST-1043",),
        words=r"(?P<path>/[\w:/.-]+) is not a valid field|not a valid field|(unknown|unrecognized) field",
    ),
    # CPW-Innergy-POs-to-Sage-Intacct-Import, live.
    Remedy(
        "Sage Intacct computes this field and takes no value for it: do not map a column to it.",
        ids=("REST-1050",),
        words=r"(?P<path>/[\w:/.-]+) is a read-?only field|\bread-?only\b",
    ),
    # keboola/component-sage-intacct-extractor, recorded live.
    Remedy(
        "Sage Intacct cannot search by this field: match on another one, or on the record key.",
        ids=("REST-1106",),
        words=r"the (?P<path>[\w:.]+) field in .* cannot be used in query",
    ),
    # Number and meaning: Sage REST guide, query.
    Remedy(
        "Sage Intacct cannot search by a field within a list: match on a field of the record itself.",
        ids=("REST-1107",),
        words=r"crosses an array",
    ),
)

CHOICES = (
    # guess: no source shows the text; it lists the choices, whose words may be those of any other refusal.
    Remedy(
        "Use one of the values that Sage Intacct allows for this field; where `null_values` is `clear`, an empty value "
        "is sent too: fill the column in every row, or leave nulls unsent.",
        words=r"must be one of",
    ),
)

_UPDATES = (
    # guess: the model service tells such fields (`mutable: false`), no source shows the text.
    Remedy(
        "Sage Intacct takes this field only for a new record: do not map a column to it in an update.",
        words=r"(cannot|can.t|can not|may not) be (changed|updated|modified)|not mutable|only .*on create",
    ),
)

_MISSING = (
    # OpenChain; Sage's help, import of bills.
    Remedy(
        "Send `dueDate`, or give the customer or vendor a payment term in Sage Intacct.",
        words=r"\b(date due|due date)\b.*\bmissing|requires the field due date|\bdueDate is required",
        field="dueDate",
    ),
    # OpenChain; Sage's help, import of bills; "is required" is a guess.
    Remedy(
        "Fill this field: Sage Intacct requires it for a new record.",
        words=r"(?P<path>/[\w:/.-]+) is required|is required|required field|missing required|missing a value"
        r"|requires the field|must be (specified|provided)",
    ),
)

_FORM = (
    # guess: no source shows the text.
    Remedy(
        "Send dates as YYYY-MM-DD and points in time as YYYY-MM-DDThh:mm:ssZ.",
        words=r"invalid date|date format|(date|time)\b.*\b(format|not valid|not a valid|invalid)|could not parse date"
        r"|must be a (date|time)",
    ),
    # PSIntacct, BL03000018; the same id stands for other refusals too.
    Remedy(
        "The text does not have the form that the field needs, such as that of an e-mail address: correct it.",
        words=r"illegal format",
    ),
    # Sage's OpenAPI, bank-file/generate; the other words are a guess.
    Remedy(
        "Use one of the values that Sage Intacct allows for this field.",
        words=r"allowed values|valid values?\b|\benum\b|not a valid value",
    ),
    # guess: no source shows the text.
    Remedy(
        "Shorten the text to the length that the message names; Sage Intacct cuts nothing off.",
        words=r"too long|maximum length|max length|\bexceeds?\b.*\b(characters|length)",
    ),
    # guess: no source shows the text.
    Remedy(
        "Send the value in the type of the field: numbers without units, true or false, references as id or key.",
        words=r"must be an? (\w+ )?(string|number|integer|boolean|object|array|list|amount)\b|expected type"
        r"|(invalid|wrong) (data )?type",
    ),
)

VALUES = (*_UPDATES, *_MISSING, *_FORM)
