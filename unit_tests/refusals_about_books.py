"""Refusals about rules, periods, balance and lines, with the sentence that the user reads behind the row's number."""

from refusals import Refusal

from destination_sage_intacct.intacct.errors import SageError

BOOKS = (
    # Bill.com help; id: QuoteProject_Intacct_Integration, live.
    Refusal(
        SageError(
            "smart rule vendor_creation was violated this record needs to be created at the top level please navigate "
            "to the correct level and recreate the record.",
            422,
            "operationFailed",
            "BL04002055",
        ),
        "Sage Intacct says: smart rule vendor_creation was violated this record needs to be created at the top level "
        "please navigate to the correct level and recreate the record. [BL04002055] A rule of your company refused "
        "the record: check smart rules and required dimensions in Sage Intacct.",
    ),
    # Ramp help.
    Refusal(
        SageError(
            "Smart rule VENDOR_INVOICE_ATTACHMENT was violated | Vendor invoice attachment is required",
            422,
            "operationFailed",
        ),
        "Sage Intacct says: Smart rule VENDOR_INVOICE_ATTACHMENT was violated | Vendor invoice attachment is "
        "required. [operationFailed] A rule of your company refused the record: check smart rules and required "
        "dimensions in Sage Intacct.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("Custom validation failed: the cost center is closed for this period", 422, "operationFailed"),
        "Sage Intacct says: Custom validation failed: the cost center is closed for this period. [operationFailed] A "
        "validation that your company added refused the record: ask who maintains it what the record must fulfil.",
    ),
    # fyle-intacct-api, utils; the date is a guess.
    Refusal(
        SageError("Date must be on or after 01/01/2026", 422, "operationFailed"),
        "Sage Intacct says: Date must be on or after 01/01/2026. [operationFailed] The books are closed before that "
        "date: use a later date, or have the books reopened in Sage Intacct; until then no document dated before it "
        "can be added, changed or deleted.",
    ),
    # Bill.com help.
    Refusal(
        SageError(
            "Periods are closed. Your transaction date (01/15/2026) is within a period that's been closed.",
            422,
            "operationFailed",
        ),
        "Sage Intacct says: Periods are closed. Your transaction date (01/15/2026) is within a period that's been "
        "closed. [operationFailed] The row's date or the date that the document already has lies in a closed period: "
        "open the period in Sage Intacct, or use a date in an open one for a new document; until then a document in a "
        "closed period can be neither changed nor deleted.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("The period is closed for Accounts Receivable", 422, "operationFailed"),
        "Sage Intacct says: The period is closed for Accounts Receivable. [operationFailed] The row's date or the "
        "date that the document already has lies in a closed period: open the period in Sage Intacct, or use a date in "
        "an open one for a new document; until then a document in a closed period can be neither changed nor deleted.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("The date is outside of every reporting period", 422, "operationFailed"),
        "Sage Intacct says: The date is outside of every reporting period. [operationFailed] No period holds this "
        "date: set the reporting period up in Sage Intacct, or correct the date in the row.",
    ),
    # fyle-intacct-api, fixtures (production).
    Refusal(
        SageError(
            "Transactions do not balance for Place ,",
            422,
            "invalidConfiguration",
            "GL-1009",
            support_id="VXx2JWEB353%7EaTwyuP5M0Zo47mG-oN5_4wAAACg",
        ),
        "Sage Intacct says: Transactions do not balance for Place ,. [GL-1009, support id "
        "VXx2JWEB353%7EaTwyuP5M0Zo47mG-oN5_4wAAACg] Debits and credits of the entry must be equal, also within each "
        "entity.",
    ),
    # The same template with a location.
    Refusal(
        SageError("Transactions do not balance for Location 100", 422, "invalidConfiguration", "GL-1009"),
        "Sage Intacct says: Transactions do not balance for Location 100. [GL-1009] Debits and credits must be equal "
        "within each entity: check the locations of the lines and their amounts, or let Sage Intacct book between "
        "entities.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("/lines is required", 400, "invalidRequest", field="lines"),
        "field lines: Sage Intacct says: /lines is required. [invalidRequest] Send the lines of the document: at "
        "least one, for a journal entry two, each with an amount and an account.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("A journal entry needs at least two lines", 422, "operationFailed"),
        "field lines: Sage Intacct says: A journal entry needs at least two lines. [operationFailed] Send the lines "
        "of the document: at least one, for a journal entry two, each with an amount and an account.",
    ),
    # Ramp help.
    Refusal(
        SageError(
            "Your configuration limits credits to the entity owners. You cannot apply negative line items in "
            "transactions with line items for multiple entities.",
            422,
            "operationFailed",
            "BL03002073",
        ),
        "field lines: Sage Intacct says: Your configuration limits credits to the entity owners. You cannot apply "
        "negative line items in transactions with line items for multiple entities. [BL03002073] Keep the lines of "
        "the document in one entity, or book its negative lines as a document of their own.",
    ),
)
