"""Answers about fields and their values: names, choices, what is missing, and the form of a value."""

from destination_sage_intacct.intacct.advice.remedy import NOUN, Remedy

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
        "Sage Intacct computes this field and accepts no value for it: do not map a column to it.",
        ids=("REST-1050",),
        words=r"(?P<path>/[\w:/.-]+) is a read-?only field|\bread[- ]?only field\b"
        r"|\bfield\b.{0,40}\bis read[- ]?only\b|(?P<path2>/[\w:/.-]+) is read[- ]?only\b",
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
        "Use one of the values that Sage Intacct allows for this field; where `null_values` is `clear`, empty values "
        "are sent too: fill the column in every row, or set `null_values` to `leave`.",
        words=r"must be one of",
    ),
)

_UPDATES = (
    # guess: the model service reports such fields (`mutable: false`), no source shows the text.
    Remedy(
        "create_only_field",
        "Sage Intacct accepts this field only for a new record: do not map a column to it in an update.",
        words=r"(\b(field|id|key|number|type|currency|value)|/[\w:/.-]+)s?( \S+)? (can ?not|can.t|may not) "
        r"be (changed|updated|modified)"
        r"|not mutable|only .*on create",
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
    # A public client of the older interface (BL03000018, an id of other refusals too).
    Remedy(
        "unit_missing",
        "Send the item's unit of measure, spelt exactly as the item has it in Sage Intacct.",
        words=r"\bmissing unit\b|\b(uom|unit of measure)\b.{0,30}\b(not valid|invalid|missing|required)",
    ),
    # OpenChain; Sage's help, import of bills; "is required" is a guess.
    Remedy(
        "field_required",
        "Fill this field: Sage Intacct requires it for a new record.",
        words=rf"(?P<path>/[\w:/.-]+) is required"
        rf"|(?<!approval)(?<!permission)(?<!subscription) is required\b(?! (before|to)\b)|required field"
        rf"|missing (a )?required (field|value)|missing a value|requires the field"
        rf"|\b(enter|select|choose|specify) an? (?P<noun>{NOUN})\b(?! (label|number))|must be (specified|provided)",
    ),
)

_FORM = (
    # guess: no source shows the text.
    Remedy(
        "date_format",
        "Send dates as YYYY-MM-DD and points in time as YYYY-MM-DDThh:mm:ssZ.",
        words=r"\binvalid (date|time)\b|\b(date|time) format|\b(date|time)( \S+){0,3} is (invalid|not (a )?valid)\b"
        r"|could not parse date|must be a (date|time)\b",
    ),
    # PSIntacct, BL03000018; the same id is used for other refusals too. The others are a guess.
    Remedy(
        "text_format",
        "The text does not have the format that the field needs, such as that of an e-mail address: correct it.",
        words=r"illegal format|\b(invalid|not a valid) (e-?mail|url|phone|tax id|vat)\b"
        r"|\b(e-?mail( address)?|url|phone number|tax id|vat number)( \S+)? is (invalid|not valid)",
    ),
    # guess: no source shows the text.
    Remedy(
        "characters_not_allowed",
        "Remove the characters that the message names; Sage Intacct does not accept them in this field.",
        words=r"\b(illegal|invalid|special|unsupported) characters?\b|\bcharacters?\b.{0,30}\bnot allowed",
    ),
    # guess: no source shows the text.
    Remedy(
        "country_unknown",
        "Use a country, or its code, as Sage Intacct's list of countries has it.",
        words=r"\b(invalid|unknown|not a valid) (iso )?country\b|\bcountry( code)?( \S+)? is (invalid|not (a )?valid)",
    ),
    # Sage's OpenAPI, bank-file/generate; the other words are a guess.
    Remedy(
        "value_not_allowed",
        "Use one of the values that Sage Intacct allows for this field.",
        words=r"allowed values|\b(in)?valid values?\b|\benum\b"
        r"|\binvalid (picklist value|payment method|document type|state)\b",
    ),
    # Bill.com help; the others are a guess.
    Remedy(
        "text_too_long",
        "Shorten the text to the length that the message names; Sage Intacct cuts nothing off.",
        words=r"too long|maximum length|max length|\blength exceeds|\bexceeds?\b.*\b(characters|length)\b",
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
