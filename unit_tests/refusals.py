"""What Sage Intacct has been seen to answer, or is guessed to: the remedy that it asks for, and the field at fault.

One row for each answer; the comments say where the words were seen.
"""

from typing import Any, NamedTuple

from destination_sage_intacct.intacct.errors import SageError


class Refusal(NamedTuple):
    """An answer about one record, the name of the remedy for it, and the field at fault, as far as it shows one."""

    remedy: str
    error: SageError
    field: str


def refusal(
    remedy: str, message: str, status: int = 422, code: str = "operationFailed", *, at: str = "", **more: Any
) -> Refusal:
    return Refusal(remedy, SageError(message, status, code, **more), at)


REFUSALS = (
    # -- Rules, periods, balance and lines --
    # Bill.com help; id: QuoteProject_Intacct_Integration, live.
    refusal(
        "smart_rule_about_the_level",
        (
            "smart rule vendor_creation was violated this record needs to be created at the top level please "
            "navigate to the correct level and recreate the record."
        ),
        error_id="BL04002055",
    ),
    # Ramp help.
    refusal("smart_rule", "Smart rule VENDOR_INVOICE_ATTACHMENT was violated | Vendor invoice attachment is required"),
    # guess: no source shows the text.
    refusal("custom_validation", "Custom validation failed: the cost center is closed for this period"),
    # fyle-intacct-api, utils; the date is a guess.
    refusal("books_closed", "Date must be on or after 01/01/2026"),
    # Bill.com help.
    refusal(
        "period_closed", "Periods are closed. Your transaction date (01/15/2026) is within a period that's been closed."
    ),
    # guess: no source shows the text.
    refusal("period_closed", "The period is closed for Accounts Receivable"),
    refusal("no_such_period", "The date is outside of every reporting period"),
    # fyle-intacct-api, fixtures (production).
    refusal(
        "unbalanced",
        "Transactions do not balance for Place ,",
        422,
        "invalidConfiguration",
        error_id="GL-1009",
        support_id="VXx2JWEB353%7EaTwyuP5M0Zo47mG-oN5_4wAAACg",
    ),
    # The same template with a location.
    refusal(
        "unbalanced_within_entities",
        "Transactions do not balance for Location 100",
        422,
        "invalidConfiguration",
        error_id="GL-1009",
    ),
    # guess: no source shows the text.
    refusal("lines_missing", "/lines is required", 400, "invalidRequest", field="lines", at="lines"),
    refusal("lines_missing", "A journal entry needs at least two lines", at="lines"),
    # Ramp help.
    refusal(
        "negative_lines_of_several_entities",
        (
            "Your configuration limits credits to the entity owners. You cannot apply negative line items in "
            "transactions with line items for multiple entities."
        ),
        error_id="BL03002073",
        at="lines",
    ),
    # -- Accounts and dimensions --
    # guess: no source shows the text.
    refusal("restricted_to_other_entities", "Vendor 'V-1' is restricted to the entity 200", at="vendor"),
    # fyle-intacct-api, errors.
    refusal(
        "restricted_combination",
        "The specified GL account '16200' : '16200' is not valid. GL account is restricted by",
        at="glAccount",
    ),
    refusal(
        "restricted_combination",
        "GL account '16200': '16200' specified is not valid. GL account is restricted",
        at="glAccount",
    ),
    refusal(
        "restricted_combination",
        "Department '300': '300' specified is not valid. Department is restricted by GL account.",
        at="department",
    ),
    refusal(
        "dimension_required",
        "This transaction is missing the Department dimension for the Account 16200",
        at="department",
    ),
    refusal(
        "dimension_required",
        "This transaction is missing 'Department' dimension for the Account 16200",
        at="department",
    ),
    refusal(
        "dimension_required", "This transaction is missing the Location dimension for the Account 16200", at="location"
    ),
    # As above; a class is a dimension like the others.
    refusal("dimension_required", "This transaction is missing the Class dimension for the Account 16200", at="class"),
    # fyle-intacct-api, errors. A renamed term names no field.
    refusal("dimension_required", "This transaction is missing the Cost Code dimension for the Account 16200."),
    # fyle-intacct-api, errors.
    refusal("dimension_required", "The account number '16200' requires a"),
    # fyle-intacct-api, errors. The end is a guess.
    refusal("dimension_required", "The account number '16200' requires a Location", at="location"),
    # fyle-intacct-api, errors.
    refusal("dimension_filled_by_sage", "Location must be 600. This value is auto-filled", at="location"),
    refusal("dimension_filled_by_sage", "Department must be 300. This value is auto-filled", at="department"),
    # Scoro help.
    refusal(
        "project_of_another_customer",
        (
            "The project dimension you selected --X-- is not related to your header-level Customer ID value. The "
            "header-level Customer ID you selected is Y. When you select a project dimension, that project must "
            "be either the same as or a child of the header-level Customer ID. Go back and select another "
            "project."
        ),
        at="project",
    ),
    # fyle-intacct-api, errors.
    refusal("employee_not_in_project", "The employee isn\u2019t a resource of the project '10064'.", at="employee"),
    refusal(
        "project_status", "The Project '10064' has a project status that prevents expense submittal.", at="project"
    ),
    # CPW-Innergy-POs-to-Sage-Intacct-Import, live.
    refusal(
        "subtotal_account_label",
        "Choose or enter another account label. Subtotal account labels are not valid for line items.",
        error_id="AR-0148",
        at="accountLabel",
    ),
    # CPW-Innergy-POs-to-Sage-Intacct-Import, live, in extracts.
    refusal(
        "account_override",
        "Currently, we cannot create the transaction",
        error_id="AR-0279",
        correction="This requires configuration changes or user permissions: enable GL account override.",
        at="glAccount",
    ),
    # guess: no source shows the text.
    refusal("account_label_required", "Enter a valid account label", at="accountLabel"),
    # Scoro help.
    refusal("account_of_a_bank", "The account number 16200 is associated to the Bank account BOA", at="glAccount"),
    # Bill.com help.
    refusal(
        "account_of_a_bank", "The account number 16200 is associated to the Credit Card VISA and 1", at="glAccount"
    ),
    # Scoro help.
    refusal(
        "account_missing", "Enter an account number on line item 1, in transaction 'x,' and try again", at="glAccount"
    ),
    # Black River Technologies.
    refusal(
        "account_missing",
        "Enter a valid account number on line item 2, in transaction '73432', and try again.",
        at="glAccount",
    ),
    # fyle-intacct-api, errors.
    refusal("account_invalid", "Account 16200 is not valid", at="glAccount"),
    # guess: no source shows the text.
    refusal("account_invalid", "The account 16200 is not a posting account", at="glAccount"),
    # Scoro help.
    refusal("multi_currency_disabled", "Enable foreign-currency transactions, and try again", at="currency"),
    # guess: no source shows the text.
    refusal(
        "exchange_rate_missing", "No exchange rate was found for EUR to USD on 2026-01-15", at="currency.exchangeRate"
    ),
    refusal("currency_mismatch", "The currency of the bill must match the base currency of the entity", at="currency"),
    # fyle-intacct-api, reset_db.sql.
    refusal(
        "tax_detail_of_another_solution",
        (
            "Tax detail Capital Goods Imported cannot be used in this transaction because it does not belong to "
            "tax solution Australia - GST."
        ),
        support_id="Y@whFEB036~YzQ2cP0p2Zz-Iv9WTjEPDwAAABY",
        correction="Use tax details that belong to the tax solution.",
    ),
    # guess: an account label that does not exist, worded like other references.
    refusal("reference_missing", "Invalid Account Label 'Sales' specified.", at="accountLabel"),
    # guess: customers and vendors have this status (Sage's OpenAPI), no source shows the text.
    refusal("reference_inactive", "Vendor 'V-1' is active, but not for posting.", at="vendor"),
    # -- Duplicates --
    # PSIntacct, in an answer of the older interface.
    refusal(
        "duplicate_contact",
        "Another Contact with the given value(s)   already exists",
        error_id="BL34000061",
        correction="Use a unique value instead.",
    ),
    # intacct-ruby.
    refusal("duplicate_document_number", "A transaction with that number already exists", error_id="BL03002185"),
    # guess: no source shows the text.
    refusal("duplicate_document_number", "Duplicate document number"),
    # fyle-intacct-api, utils.
    refusal("duplicate_id", "Another record with the value CUST-1 already exists"),
    # jfcote87/intacct, in an answer of the older interface.
    refusal(
        "duplicate_id",
        "Another Class with the given value(s) UT01  already exists",
        error_id="BL34000061",
        correction="Use a unique value instead.",
    ),
    # guess: no source shows the text.
    refusal("duplicate_id", "The id is not unique", 409, at="id"),
    refusal("duplicate_id", "A duplicate Customer ID was found", at="id"),
    # fyle-intacct-api, tasks: the number alone tells of an employee that exists.
    refusal("duplicate_id", "no reason given", error_id="PL05000104"),
    # -- Records that are held, missing or referred to --
    # guess: no source shows the text.
    refusal("record_locked", "The record is locked by another process", 409),
    refusal("record_locked", "The customer is in use by another user", 409),
    # Bill.com help.
    refusal("document_paid", "Transaction 'XXXX' is already paid and can't be deleted."),
    # Sage's help, contract payments.
    refusal("document_paid", "A payment has been made against this Invoice / Adjustment."),
    # Sage's help, import of bills.
    refusal("document_paid", "Transaction is partially/fully paid for"),
    # Bill.com help.
    refusal("document_paid", "There is no due on the bill XXXXX"),
    # CPW-Innergy-POs-to-Sage-Intacct-Import, live.
    refusal(
        "state_not_draft",
        "Not a valid state",
        400,
        "invalidParameter",
        correction="State must be draft or not included in the request.",
        at="state",
    ),
    # QuoteProject_Intacct_Integration, live; the text is a guess.
    refusal(
        "delete_policy", "The Delete Policy of the transaction definition does not allow this", error_id="INV-1372"
    ),
    # guess: no source shows the text.
    refusal("document_posted", "A posted bill cannot be edited"),
    refusal("contact_in_use", "The contact is being used by a vendor", at="contact"),
    refusal("record_in_use", "The location is referenced by other records and cannot be deleted"),
    # Bill.com help.
    refusal("id_missing", "Required field Vendor ID is missing", at="id"),
    # guess: no source shows the text.
    refusal("id_numbered_by_sage", "The customer id must be empty because auto-numbering is on"),
    # fyle-intacct-api, errors.
    refusal("reference_inactive", "Activate the vendor VM, then try again.", at="vendor"),
    # guess: no source shows the text.
    refusal("reference_inactive", "Customer 'C-1' is inactive", at="customer"),
    refusal("reference_inactive", "Account '16200' is inactive", at="glAccount"),
    # Bill.com help.
    refusal("term_missing", "The term name Net 30 is invalid", at="term"),
    # intacct-sdk-net.
    refusal(
        "contact_missing", "The contact testaccount@gmail.com does not exist.", error_id="BL03000019", at="contact"
    ),
    # The code and status of Sage's error guide; the text is a guess.
    refusal("no_such_record", "accounts-receivable/customer with key 999 was not found", 404, "notFound"),
    # PSIntacct.
    refusal("no_such_record", "Cannot find customer with key '5' to delete.", error_id="BL01001973"),
    # Sage's OpenAPI, composite.
    refusal("no_such_record", "Asynchronous job 64657 status could not be found", 404, "notFound"),
    # A public client of the older interface; the object is a guess.
    refusal("unknown_object", "Query Failed Object definition SUBSCRIPTION not found"),
    # The code and status of Sage's error guide; the text is a guess.
    refusal("unknown_object", "The resource objects/platform-apps/nsp::subscription does not exist", 404, "notFound"),
    # guess: no source shows the text.
    refusal("no_such_record", "The line does not exist"),
    # fyle-intacct-api, tests; OpenChain.
    refusal("reference_missing", "Invalid Vendor 'Test' specified.", error_id="BL01001973", at="vendor"),
    # fyle-intacct-api, tests.
    refusal(
        "reference_missing",
        "Invalid Project '10064' specified.",
        error_id="BL01001973",
        support_id="nHh88EB032~Y1JFVP0J5xA-qTZWkbX7zwAAAAY",
        at="project",
    ),
    # fyle-intacct-api, errors.
    refusal("reference_missing", "The vendor 'Vaishnavi Primary' is invalid.", at="vendor"),
    refusal("reference_missing", "Vendor 'Vaishnavi Primary' specified is not valid.", at="vendor"),
    refusal("reference_missing", "The specified vendor 'Vaishnavi Primary' is not valid.", at="vendor"),
    refusal("reference_missing", "Customer '10001' specified is not valid.", at="customer"),
    refusal("reference_missing", "The employee '1005' is invalid.", at="employee"),
    refusal("reference_missing", "Invalid Department 300 selected ", at="department"),
    refusal("reference_missing", "Department 300 is not valid", at="department"),
    refusal("reference_missing", "Location '600' is not valid", at="location"),
    # fyle-intacct-api, errors. A renamed term names no field.
    refusal("reference_missing", "Job '10064' specified is not valid."),
    # guess: no source shows the text.
    refusal("reference_missing", "Customer 'C-1' does not exist", at="customer"),
    # -- Fields and values --
    # Sage's OpenAPI, error-response.
    refusal(
        "unknown_field",
        "/newDate is not a valid field",
        400,
        "invalidRequest",
        error_id="REST-1043",
        field="newDate",
        support_id="Kxi78%7EZuyXBDEGVHD2UmO1phYXDQAAAAo",
        at="newDate",
    ),
    # As above, where no target is told.
    refusal(
        "unknown_field",
        "/contacts/newDate is not a valid field",
        400,
        "invalidRequest",
        error_id="REST-1043",
        at="contacts.newDate",
    ),
    # A field's name is not taken for what is wrong.
    refusal(
        "unknown_field",
        "/currency/exchangeRate is not a valid field",
        400,
        "invalidRequest",
        error_id="REST-1043",
        at="currency.exchangeRate",
    ),
    # CPW-Innergy-POs-to-Sage-Intacct-Import, live.
    refusal(
        "computed_field",
        "/lines/2/isSubtotal is a read-only field",
        400,
        "invalidRequest",
        error_id="REST-1050",
        at="lines.2.isSubtotal",
    ),
    # keboola/component-sage-intacct-extractor, recorded live.
    refusal(
        "field_not_searchable",
        "The action field in accounts-receivable/invoice object cannot be used in query in version 1",
        400,
        "invalidRequest",
        error_id="REST-1106",
        support_id="XfdSdWEB1773510525717%7Eabpa3P5w0-L44mZ-dmobZQAAABU",
        at="action",
    ),
    # The number is Sage's; the text is a guess.
    refusal(
        "field_within_a_list", "The path lines.txnAmount crosses an array", 400, "invalidRequest", error_id="REST-1107"
    ),
    # guess: no source shows the text.
    refusal("create_only_field", "The id cannot be changed"),
    # OpenChain.
    refusal("due_date_missing", "Required field Date Due is missing", at="dueDate"),
    refusal("due_date_missing", "The Date Due field is missing a value.", at="dueDate"),
    # Sage's help, import of bills.
    refusal("due_date_missing", "The record requires the field Due Date", at="dueDate"),
    # guess: no source shows the text.
    refusal("field_required", "/name is required", 400, "invalidRequest", at="name"),
    refusal("field_required", "Customer type is required", 400, "invalidRequest"),
    refusal("date_format", "Invalid date 31/31/2026"),
    refusal("date_format", "/dueDate must be a date", 400, "invalidRequest", field="dueDate", at="dueDate"),
    # PSIntacct.
    refusal(
        "text_format", "Illegal format for Contactversion : Primary Email Address @aeon.org.", error_id="BL03000018"
    ),
    # Sage's OpenAPI, bank-file/generate.
    refusal("value_not_allowed", "1221: Please provide a valid value …", 422, ""),
    # guess: no source shows the text.
    refusal(
        "not_an_allowed_choice",
        "/status must be one of active, inactive",
        400,
        "invalidRequest",
        field="status",
        at="status",
    ),
    # guess: no source shows the text; a choice of the list is no account that is not for posting.
    refusal(
        "not_an_allowed_choice",
        "/status must be one of 'active', 'activeNonPosting', 'inactive'",
        400,
        "invalidRequest",
        field="status",
        at="status",
    ),
    # guess: no source shows the text.
    refusal("lines_not_a_list", "/lines must be a list", 400, "invalidRequest", field="lines", at="lines"),
    refusal(
        "wrong_type",
        "/lines/0/taxEntries must be a list",
        400,
        "invalidRequest",
        field="lines.0.taxEntries",
        at="lines.0.taxEntries",
    ),
    refusal(
        "text_too_long", "/name is too long: 100 characters are allowed", 400, "invalidRequest", field="name", at="name"
    ),
    refusal(
        "wrong_type", "/creditLimit must be a number", 400, "invalidRequest", field="creditLimit", at="creditLimit"
    ),
    refusal(
        "negative_amount",
        "/lines/0/txnAmount must be a positive amount",
        400,
        "invalidRequest",
        field="lines.0.txnAmount",
        at="lines.0.txnAmount",
    ),
    # -- The way in, limits and requests --
    # Sage's OAuth guide.
    refusal("username_format", "The username format is invalid (expected user@company)", 400, ""),
    # Nango.
    refusal("token_expired", "Token is not valid", 401, "tokenInvalid", error_id="REST-2102"),
    # Sage community topic 19992.
    refusal("token_expired", "The token is not valid", 400, "invalidRequest", error_id="REST-1206"),
    # intacct-cli.
    refusal("token_expired", "Expired token", 401, "GW-0040", error_id="GW-0040"),
    # Sage's OAuth guide.
    refusal("client_or_user_unknown", "The provided credentials are invalid", 400, "invalid_grant"),
    refusal(
        "client_or_user_unknown",
        "The Client ID, Client Secret, and/or 3rd Party Application are incorrect",
        400,
        "",
        error_id="REST-1216",
    ),
    # Bill.com help.
    refusal("top_level_record", "You cannot update a root level vendor from an entity/restricted user with one entity"),
    # The status of Sage's error guide; the text is a guess.
    refusal("entity_access", "The user has no access to this entity", 403, "forbidden"),
    # Rutter help.
    refusal(
        "permission_missing",
        "You do not have permission for API operation QUERY on objects of type GLACCOUNT",
        error_id="PL04000005",
    ),
    # guess: no source shows the text.
    refusal("not_subscribed", "The company is not subscribed to Projects"),
    # A public client of the older interface; the object is a guess.
    refusal("operation_not_allowed", "API operation 'READ_BY_QUERY' cannot be performed on objects of type GLDETAIL"),
    # The status of Sage's error guide; the text is a guess.
    refusal(
        "operation_not_allowed", "PUT is not supported on objects/accounts-receivable/customer", 405, "invalidRequest"
    ),
    # Sage's error codes of the gateway.
    refusal("record_access", "Forbidden", 403, "GW-0042", error_id="GW-0042"),
    # guess: no source shows the text.
    refusal("transactions_used_up", "The monthly transaction limit of this company is reached", 429),
    # Sage's error codes of the gateway.
    refusal(
        "rate_limit",
        "API rate limit exceeded",
        429,
        "GW-0010",
        error_id="GW-0010",
        support_id="AC47C2BE:D9EE_63EBC07F.59",
    ),
    # Sage's OpenAPI, composite.
    refusal("refused_with_others", "Operation skipped due to atomic transaction failure", 422, "unprocessed"),
    # guess: no source shows the text.
    refusal("idempotency_key_reused", "The Idempotency-Key was used for another request", 409, "invalidRequest"),
    refusal("request_too_large", "Payload size exceeds 1 MB", 413, ""),
    # Sage's OpenAPI, error-response.
    refusal("malformed_request", "A POST request requires a payload", 400, "invalidRequest", error_id="REST-1028"),
    # Sage's error codes of the gateway.
    refusal("malformed_request", "Invalid Content Type", 400, "GW-0014", error_id="GW-0014"),
    # The code is Sage's; the text is a guess.
    refusal("invalid_record_key", "The key C-1 is malformed", 400, "invalidKey", at="key"),
    # Sage's error codes of the gateway.
    refusal("server_unavailable", "Unable to process request", 500, "GW-0001", error_id="GW-0001"),
    # What the connector says of an answer without words.
    refusal("server_unavailable", "HTTP 504 without an explanation", 504, ""),
    # The status of Sage's error guide.
    refusal("invalid_value", "Something about the payload", 400, "invalidRequest"),
)
