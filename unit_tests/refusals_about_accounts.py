"""Refusals about accounts, dimensions and currencies, with the sentence that the user reads behind the row's number."""

from refusals import Refusal

from destination_sage_intacct.intacct.errors import SageError

ACCOUNTS = (
    # guess: no source shows the text.
    Refusal(
        SageError("Vendor 'V-1' is restricted to the entity 200", 422, "operationFailed"),
        "field vendor: Sage Intacct says: Vendor 'V-1' is restricted to the entity 200. [operationFailed] The record "
        "that the row refers to is restricted to other entities: widen its restriction in Sage Intacct, or use "
        "another one.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError(
            "The specified GL account '16200' : '16200' is not valid. GL account is restricted by",
            422,
            "operationFailed",
        ),
        "field glAccount: Sage Intacct says: The specified GL account '16200' : '16200' is not valid. GL account is "
        "restricted by. [operationFailed] Sage Intacct allows this value only with certain others: use one that fits "
        "the rest of the line, or change the restriction in Sage Intacct.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError(
            "GL account '16200': '16200' specified is not valid. GL account is restricted",
            422,
            "operationFailed",
        ),
        "field glAccount: Sage Intacct says: GL account '16200': '16200' specified is not valid. GL account is "
        "restricted. [operationFailed] Sage Intacct allows this value only with certain others: use one that fits the "
        "rest of the line, or change the restriction in Sage Intacct.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError(
            "Department '300': '300' specified is not valid. Department is restricted by GL account.",
            422,
            "operationFailed",
        ),
        "field department: Sage Intacct says: Department '300': '300' specified is not valid. Department is "
        "restricted by GL account. [operationFailed] Sage Intacct allows this value only with certain others: use one "
        "that fits the rest of the line, or change the restriction in Sage Intacct.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError("This transaction is missing the Department dimension for the Account 16200", 422, "operationFailed"),
        "field department: Sage Intacct says: This transaction is missing the Department dimension for the Account "
        "16200. [operationFailed] The account requires this dimension: fill it on every line that uses the account.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError("This transaction is missing 'Department' dimension for the Account 16200", 422, "operationFailed"),
        "field department: Sage Intacct says: This transaction is missing 'Department' dimension for the Account "
        "16200. [operationFailed] The account requires this dimension: fill it on every line that uses the account.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError("This transaction is missing the Location dimension for the Account 16200", 422, "operationFailed"),
        "field location: Sage Intacct says: This transaction is missing the Location dimension for the Account 16200. "
        "[operationFailed] The account requires this dimension: fill it on every line that uses the account.",
    ),
    # As above; a class is a dimension like the others.
    Refusal(
        SageError("This transaction is missing the Class dimension for the Account 16200", 422, "operationFailed"),
        "field class: Sage Intacct says: This transaction is missing the Class dimension for the Account 16200. "
        "[operationFailed] The account requires this dimension: fill it on every line that uses the account.",
    ),
    # fyle-intacct-api, errors. A renamed term names no field.
    Refusal(
        SageError("This transaction is missing the Cost Code dimension for the Account 16200.", 422, "operationFailed"),
        "Sage Intacct says: This transaction is missing the Cost Code dimension for the Account 16200. "
        "[operationFailed] The account requires this dimension: fill it on every line that uses the account.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError("The account number '16200' requires a", 422, "operationFailed"),
        "Sage Intacct says: The account number '16200' requires a. [operationFailed] The account requires this "
        "dimension: fill it on every line that uses the account.",
    ),
    # fyle-intacct-api, errors. The end is a guess.
    Refusal(
        SageError("The account number '16200' requires a Location", 422, "operationFailed"),
        "field location: Sage Intacct says: The account number '16200' requires a Location. [operationFailed] The "
        "account requires this dimension: fill it on every line that uses the account.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError("Location must be 600. This value is auto-filled", 422, "operationFailed"),
        "field location: Sage Intacct says: Location must be 600. This value is auto-filled. [operationFailed] Sage "
        "Intacct fills this dimension itself: map no column to it, or send the value that the message names.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError("Department must be 300. This value is auto-filled", 422, "operationFailed"),
        "field department: Sage Intacct says: Department must be 300. This value is auto-filled. [operationFailed] "
        "Sage Intacct fills this dimension itself: map no column to it, or send the value that the message names.",
    ),
    # Scoro help.
    Refusal(
        SageError(
            "The project dimension you selected --X-- is not related to your header-level Customer ID value. The "
            "header-level Customer ID you selected is Y. When you select a project dimension, that project must be "
            "either the same as or a child of the header-level Customer ID. Go back and select another project.",
            422,
            "operationFailed",
        ),
        "field project: Sage Intacct says: The project dimension you selected --X-- is not related to your "
        "header-level Customer ID value. The header-level Customer ID you selected is Y. When you select a project "
        "dimension, that project must be either the same as or a child of the header-level Customer ID. Go back and "
        "select another project. [operationFailed] Use a project that belongs to the customer of the document, or to "
        "one of its child customers.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError("The employee isn\u2019t a resource of the project '10064'.", 422, "operationFailed"),
        "field employee: Sage Intacct says: The employee isn\u2019t a resource of the project '10064'. "
        "[operationFailed] Add the employee to the resources of the project in Sage Intacct, or use another project.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError("The Project '10064' has a project status that prevents expense submittal.", 422, "operationFailed"),
        "field project: Sage Intacct says: The Project '10064' has a project status that prevents expense submittal. "
        "[operationFailed] The status of the project lets nothing be booked to it: change it in Sage Intacct, or use "
        "another project.",
    ),
    # CPW-Innergy-POs-to-Sage-Intacct-Import, live.
    Refusal(
        SageError(
            "Choose or enter another account label. Subtotal account labels are not valid for line items.",
            422,
            "operationFailed",
            "AR-0148",
        ),
        "field accountLabel: Sage Intacct says: Choose or enter another account label. Subtotal account labels are "
        "not valid for line items. [AR-0148] Use an account label that is not one for subtotals, or an account "
        "(`glAccount`) in place of the label.",
    ),
    # CPW-Innergy-POs-to-Sage-Intacct-Import, live, in extracts.
    Refusal(
        SageError(
            "Currently, we cannot create the transaction",
            422,
            "operationFailed",
            "AR-0279",
            correction="This requires configuration changes or user permissions: enable GL account override.",
        ),
        "field glAccount: Sage Intacct says: Currently, we cannot create the transaction. [AR-0279] Send an account "
        "label in place of the account, or enable GL account override in Sage Intacct.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("Enter a valid account label", 422, "operationFailed"),
        "field accountLabel: Sage Intacct says: Enter a valid account label. [operationFailed] Send `accountLabel` "
        "where the company uses account labels, otherwise `glAccount`.",
    ),
    # Scoro help.
    Refusal(
        SageError("The account number 16200 is associated to the Bank account BOA", 422, "operationFailed"),
        "field glAccount: Sage Intacct says: The account number 16200 is associated to the Bank account BOA. "
        "[operationFailed] The account belongs to a bank account or a credit card: use another account on this line.",
    ),
    # Bill.com help.
    Refusal(
        SageError("The account number 16200 is associated to the Credit Card VISA and 1", 422, "operationFailed"),
        "field glAccount: Sage Intacct says: The account number 16200 is associated to the Credit Card VISA and 1. "
        "[operationFailed] The account belongs to a bank account or a credit card: use another account on this line.",
    ),
    # Scoro help.
    Refusal(
        SageError("Enter an account number on line item 1, in transaction 'x,' and try again", 422, "operationFailed"),
        "field glAccount: Sage Intacct says: Enter an account number on line item 1, in transaction 'x,' and try "
        "again. [operationFailed] Give the line an account that exists in Sage Intacct.",
    ),
    # Black River Technologies.
    Refusal(
        SageError(
            "Enter a valid account number on line item 2, in transaction '73432', and try again.",
            422,
            "operationFailed",
        ),
        "field glAccount: Sage Intacct says: Enter a valid account number on line item 2, in transaction '73432', and "
        "try again. [operationFailed] Give the line an account that exists in Sage Intacct.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError("Account 16200 is not valid", 422, "operationFailed"),
        "field glAccount: Sage Intacct says: Account 16200 is not valid. [operationFailed] Use an account that "
        "exists, is active and may be posted to.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("The account 16200 is not a posting account", 422, "operationFailed"),
        "field glAccount: Sage Intacct says: The account 16200 is not a posting account. [operationFailed] Use an "
        "account that exists, is active and may be posted to.",
    ),
    # Scoro help.
    Refusal(
        SageError("Enable foreign-currency transactions, and try again", 422, "operationFailed"),
        "field currency: Sage Intacct says: Enable foreign-currency transactions, and try again. [operationFailed] "
        "Enable multi-currency in the General Ledger's configuration in Sage Intacct, or send the base currency.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("No exchange rate was found for EUR to USD on 2026-01-15", 422, "operationFailed"),
        "field currency.exchangeRate: Sage Intacct says: No exchange rate was found for EUR to USD on 2026-01-15. "
        "[operationFailed] Add the exchange rate of that date in Sage Intacct, or send the rate with the row.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("The currency of the bill must match the base currency of the entity", 422, "operationFailed"),
        "field currency: Sage Intacct says: The currency of the bill must match the base currency of the entity. "
        "[operationFailed] Use a currency that the document's entity, its accounts and its customer or vendor have in "
        "common.",
    ),
    # fyle-intacct-api, reset_db.sql.
    Refusal(
        SageError(
            "Tax detail Capital Goods Imported cannot be used in this transaction because it does not belong to tax "
            "solution Australia - GST.",
            422,
            "operationFailed",
            support_id="Y@whFEB036~YzQ2cP0p2Zz-Iv9WTjEPDwAAABY",
            correction="Use tax details that belong to the tax solution.",
        ),
        "Sage Intacct says: Tax detail Capital Goods Imported cannot be used in this transaction because it does not "
        "belong to tax solution Australia - GST. [operationFailed, support id Y@whFEB036~YzQ2cP0p2Zz-Iv9WTjEPDwAAABY] "
        "Use a tax detail that belongs to the tax solution of the document.",
    ),
    # guess: an account label that does not exist, worded like other references.
    Refusal(
        SageError("Invalid Account Label 'Sales' specified.", 422, "operationFailed"),
        "field accountLabel: Sage Intacct says: Invalid Account Label 'Sales' specified. [operationFailed] Create the "
        "missing record first, or correct the id in the row; ids are compared exactly.",
    ),
    # guess: customers and vendors have this status (Sage's OpenAPI), no source shows the text.
    Refusal(
        SageError("Vendor 'V-1' is active, but not for posting.", 422, "operationFailed"),
        "field vendor: Sage Intacct says: Vendor 'V-1' is active, but not for posting. [operationFailed] The record "
        "that the row refers to is inactive: activate it in Sage Intacct, or use another one.",
    ),
)
