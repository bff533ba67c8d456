"""Refusals about fields and their values, with the sentence that the user reads after the number of the row."""

from refusals import Refusal

from destination_sage_intacct.intacct.errors import SageError

VALUES = (
    # Sage's OpenAPI, error-response.
    Refusal(
        SageError(
            "/newDate is not a valid field",
            400,
            "invalidRequest",
            "REST-1043",
            field="newDate",
            support_id="Kxi78%7EZuyXBDEGVHD2UmO1phYXDQAAAAo",
        ),
        "field newDate: Sage Intacct says: /newDate is not a valid field. [REST-1043, support id "
        "Kxi78%7EZuyXBDEGVHD2UmO1phYXDQAAAAo] Check the field's name against the object's fields in Sage Intacct's "
        "REST API reference; custom fields begin with nsp::, and display names differ from API names.",
    ),
    # As above, where no target is told.
    Refusal(
        SageError("/contacts/newDate is not a valid field", 400, "invalidRequest", "REST-1043"),
        "field contacts.newDate: Sage Intacct says: /contacts/newDate is not a valid field. [REST-1043] Check the "
        "field's name against the object's fields in Sage Intacct's REST API reference; custom fields begin with "
        "nsp::, and display names differ from API names.",
    ),
    # A field's name is not taken for what is wrong.
    Refusal(
        SageError("/currency/exchangeRate is not a valid field", 400, "invalidRequest", "REST-1043"),
        "field currency.exchangeRate: Sage Intacct says: /currency/exchangeRate is not a valid field. [REST-1043] "
        "Check the field's name against the object's fields in Sage Intacct's REST API reference; custom fields begin "
        "with nsp::, and display names differ from API names.",
    ),
    # CPW-Innergy-POs-to-Sage-Intacct-Import, live.
    Refusal(
        SageError("/lines/2/isSubtotal is a read-only field", 400, "invalidRequest", "REST-1050"),
        "field lines.2.isSubtotal: Sage Intacct says: /lines/2/isSubtotal is a read-only field. [REST-1050] Sage "
        "Intacct computes this field and takes no value for it: do not map a column to it.",
    ),
    # keboola/component-sage-intacct-extractor, recorded live.
    Refusal(
        SageError(
            "The action field in accounts-receivable/invoice object cannot be used in query in version 1",
            400,
            "invalidRequest",
            "REST-1106",
            support_id="XfdSdWEB1773510525717%7Eabpa3P5w0-L44mZ-dmobZQAAABU",
        ),
        "field action: Sage Intacct says: The action field in accounts-receivable/invoice object cannot be used in "
        "query in version 1. [REST-1106, support id XfdSdWEB1773510525717%7Eabpa3P5w0-L44mZ-dmobZQAAABU] Sage Intacct "
        "cannot search by this field: match on another one, or on the record key.",
    ),
    # The number is Sage's; the text is a guess.
    Refusal(
        SageError("The path lines.txnAmount crosses an array", 400, "invalidRequest", "REST-1107"),
        "Sage Intacct says: The path lines.txnAmount crosses an array. [REST-1107] Sage Intacct cannot search by a "
        "field within a list: match on a field of the record itself.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("The id cannot be changed", 422, "operationFailed"),
        "Sage Intacct says: The id cannot be changed. [operationFailed] Sage Intacct takes this field only for a new "
        "record: do not map a column to it in an update.",
    ),
    # OpenChain.
    Refusal(
        SageError("Required field Date Due is missing", 422, "operationFailed"),
        "field dueDate: Sage Intacct says: Required field Date Due is missing. [operationFailed] Send `dueDate`, or "
        "give the customer or vendor a payment term in Sage Intacct.",
    ),
    # OpenChain.
    Refusal(
        SageError("The Date Due field is missing a value.", 422, "operationFailed"),
        "field dueDate: Sage Intacct says: The Date Due field is missing a value. [operationFailed] Send `dueDate`, "
        "or give the customer or vendor a payment term in Sage Intacct.",
    ),
    # Sage's help, import of bills.
    Refusal(
        SageError("The record requires the field Due Date", 422, "operationFailed"),
        "field dueDate: Sage Intacct says: The record requires the field Due Date. [operationFailed] Send `dueDate`, "
        "or give the customer or vendor a payment term in Sage Intacct.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("/name is required", 400, "invalidRequest"),
        "field name: Sage Intacct says: /name is required. [invalidRequest] Fill this field: Sage Intacct requires it "
        "for a new record.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("Customer type is required", 400, "invalidRequest"),
        "Sage Intacct says: Customer type is required. [invalidRequest] Fill this field: Sage Intacct requires it for "
        "a new record.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("Invalid date 31/31/2026", 422, "operationFailed"),
        "Sage Intacct says: Invalid date 31/31/2026. [operationFailed] Send dates as YYYY-MM-DD and points in time as "
        "YYYY-MM-DDThh:mm:ssZ.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("/dueDate must be a date", 400, "invalidRequest", field="dueDate"),
        "field dueDate: Sage Intacct says: /dueDate must be a date. [invalidRequest] Send dates as YYYY-MM-DD and "
        "points in time as YYYY-MM-DDThh:mm:ssZ.",
    ),
    # PSIntacct.
    Refusal(
        SageError(
            "Illegal format for Contactversion : Primary Email Address @aeon.org.",
            422,
            "operationFailed",
            "BL03000018",
        ),
        "Sage Intacct says: Illegal format for Contactversion : Primary Email Address @aeon.org. [BL03000018] The "
        "text does not have the form that the field needs, such as that of an e-mail address: correct it.",
    ),
    # Sage's OpenAPI, bank-file/generate.
    Refusal(
        SageError("1221: Please provide a valid value …", 422),
        "Sage Intacct says: 1221: Please provide a valid value …. [HTTP 422] Use one of the values that Sage Intacct "
        "allows for this field.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("/status must be one of active, inactive", 400, "invalidRequest", field="status"),
        "field status: Sage Intacct says: /status must be one of active, inactive. [invalidRequest] Use one of the "
        "values that Sage Intacct allows for this field; where `null_values` is `clear`, an empty value is sent too: "
        "fill the column in every row, or leave nulls unsent.",
    ),
    # guess: no source shows the text; a choice of the list is no account that is not for posting.
    Refusal(
        SageError(
            "/status must be one of 'active', 'activeNonPosting', 'inactive'", 400, "invalidRequest", field="status"
        ),
        "field status: Sage Intacct says: /status must be one of 'active', 'activeNonPosting', 'inactive'. "
        "[invalidRequest] Use one of the values that Sage Intacct allows for this field; where `null_values` is "
        "`clear`, an empty value is sent too: fill the column in every row, or leave nulls unsent.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("/lines must be a list", 400, "invalidRequest", field="lines"),
        "field lines: Sage Intacct says: /lines must be a list. [invalidRequest] A document keeps at least one line: "
        "send its lines as a list, or leave `lines` out.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("/lines/0/taxEntries must be a list", 400, "invalidRequest", field="lines.0.taxEntries"),
        "field lines.0.taxEntries: Sage Intacct says: /lines/0/taxEntries must be a list. [invalidRequest] Send the "
        "value in the type of the field: numbers without units, true or false, references as id or key.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("/name is too long: 100 characters are allowed", 400, "invalidRequest", field="name"),
        "field name: Sage Intacct says: /name is too long: 100 characters are allowed. [invalidRequest] Shorten the "
        "text to the length that the message names; Sage Intacct cuts nothing off.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("/creditLimit must be a number", 400, "invalidRequest", field="creditLimit"),
        "field creditLimit: Sage Intacct says: /creditLimit must be a number. [invalidRequest] Send the value in the "
        "type of the field: numbers without units, true or false, references as id or key.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("/lines/0/txnAmount must be a positive amount", 400, "invalidRequest", field="lines.0.txnAmount"),
        "field lines.0.txnAmount: Sage Intacct says: /lines/0/txnAmount must be a positive amount. [invalidRequest] "
        "Send the amount without a sign and give the side in `txnType`.",
    ),
)
