"""Refusals about records, with the sentence that the user reads after the number of the row."""

from refusals import Refusal

from destination_sage_intacct.intacct.errors import SageError

RECORDS = (
    # guess: no source shows the text.
    Refusal(
        SageError("The record is locked by another process", 409, "operationFailed"),
        "Sage Intacct says: The record is locked by another process. [operationFailed] Another user or integration "
        "holds the record; the row is not at fault: send it again when it is free.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("The customer is in use by another user", 409, "operationFailed"),
        "Sage Intacct says: The customer is in use by another user. [operationFailed] Another user or integration "
        "holds the record; the row is not at fault: send it again when it is free.",
    ),
    # Bill.com help.
    Refusal(
        SageError("Transaction 'XXXX' is already paid and can't be deleted.", 422, "operationFailed"),
        "Sage Intacct says: Transaction 'XXXX' is already paid and can't be deleted. [operationFailed] The document "
        "is paid, at least in part: reverse its payment in Sage Intacct first, or leave it as it is.",
    ),
    # Sage's help, contract payments.
    Refusal(
        SageError("A payment has been made against this Invoice / Adjustment.", 422, "operationFailed"),
        "Sage Intacct says: A payment has been made against this Invoice / Adjustment. [operationFailed] The document "
        "is paid, at least in part: reverse its payment in Sage Intacct first, or leave it as it is.",
    ),
    # Sage's help, import of bills.
    Refusal(
        SageError("Transaction is partially/fully paid for", 422, "operationFailed"),
        "Sage Intacct says: Transaction is partially/fully paid for. [operationFailed] The document is paid, at least "
        "in part: reverse its payment in Sage Intacct first, or leave it as it is.",
    ),
    # Bill.com help.
    Refusal(
        SageError("There is no due on the bill XXXXX", 422, "operationFailed"),
        "Sage Intacct says: There is no due on the bill XXXXX. [operationFailed] The document is paid, at least in "
        "part: reverse its payment in Sage Intacct first, or leave it as it is.",
    ),
    # CPW-Innergy-POs-to-Sage-Intacct-Import, live.
    Refusal(
        SageError(
            "Not a valid state",
            400,
            "invalidParameter",
            correction="State must be draft or not included in the request.",
        ),
        "field state: Sage Intacct says: Not a valid state. [invalidParameter] Send `draft`, or map no column to "
        "`state`: a document without a state is posted.",
    ),
    # QuoteProject_Intacct_Integration, live; the text is a guess.
    Refusal(
        SageError(
            "The Delete Policy of the transaction definition does not allow this",
            422,
            "operationFailed",
            "INV-1372",
        ),
        "Sage Intacct says: The Delete Policy of the transaction definition does not allow this. [INV-1372] The "
        "transaction definition forbids to delete its documents: close the document, or change the delete policy.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("A posted bill cannot be edited", 422, "operationFailed"),
        "Sage Intacct says: A posted bill cannot be edited. [operationFailed] A posted document cannot be changed: "
        "reverse it in Sage Intacct and send the corrected one as a new document.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("The contact is being used by a vendor", 422, "operationFailed"),
        "field contact: Sage Intacct says: The contact is being used by a vendor. [operationFailed] Other records use "
        "this contact: change it as a contact of its own, or give this record another contact.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("The location is referenced by other records and cannot be deleted", 422, "operationFailed"),
        "Sage Intacct says: The location is referenced by other records and cannot be deleted. [operationFailed] "
        "Other records use this one, so it stays: make it inactive (`status`) in place of deleting it.",
    ),
    # Bill.com help.
    Refusal(
        SageError("Required field Vendor ID is missing", 422, "operationFailed"),
        "field id: Sage Intacct says: Required field Vendor ID is missing. [operationFailed] Send an `id`, or turn on "
        "numbering by a document sequence for this object in Sage Intacct.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("The customer id must be empty because auto-numbering is on", 422, "operationFailed"),
        "Sage Intacct says: The customer id must be empty because auto-numbering is on. [operationFailed] Sage "
        "Intacct numbers these records itself: map no column to the id or number, or turn the numbering off.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError("Activate the vendor VM, then try again.", 422, "operationFailed"),
        "field vendor: Sage Intacct says: Activate the vendor VM, then try again. [operationFailed] The record that "
        "the row refers to is inactive: activate it in Sage Intacct, or use another one.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("Customer 'C-1' is inactive", 422, "operationFailed"),
        "field customer: Sage Intacct says: Customer 'C-1' is inactive. [operationFailed] The record that the row "
        "refers to is inactive: activate it in Sage Intacct, or use another one.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("Account '16200' is inactive", 422, "operationFailed"),
        "field glAccount: Sage Intacct says: Account '16200' is inactive. [operationFailed] The record that the row "
        "refers to is inactive: activate it in Sage Intacct, or use another one.",
    ),
    # Bill.com help.
    Refusal(
        SageError("The term name Net 30 is invalid", 422, "operationFailed"),
        "field term: Sage Intacct says: The term name Net 30 is invalid. [operationFailed] Create the payment term in "
        "Sage Intacct (receivable for invoices, payable for bills), or use one that exists.",
    ),
    # intacct-sdk-net.
    Refusal(
        SageError("The contact testaccount@gmail.com does not exist.", 422, "operationFailed", "BL03000019"),
        "field contact: Sage Intacct says: The contact testaccount@gmail.com does not exist. [BL03000019] Create the "
        "contact first (`company-config/contact`), or send the id of one that exists.",
    ),
    # The code and status of Sage's error guide; the text is a guess.
    Refusal(
        SageError("accounts-receivable/customer with key 999 was not found", 404, "notFound"),
        "Sage Intacct says: accounts-receivable/customer with key 999 was not found. [notFound] No record has this "
        "key in the configured entity: check the column that is mapped to the record key; it must hold the record's "
        "`key`, not its visible id.",
    ),
    # PSIntacct.
    Refusal(
        SageError("Cannot find customer with key '5' to delete.", 422, "operationFailed", "BL01001973"),
        "Sage Intacct says: Cannot find customer with key '5' to delete. [BL01001973] No record has this key in the "
        "configured entity: check the column that is mapped to the record key; it must hold the record's `key`, not "
        "its visible id.",
    ),
    # Sage's OpenAPI, composite.
    Refusal(
        SageError("Asynchronous job 64657 status could not be found", 404, "notFound"),
        "Sage Intacct says: Asynchronous job 64657 status could not be found. [notFound] No record has this key in "
        "the configured entity: check the column that is mapped to the record key; it must hold the record's `key`, "
        "not its visible id.",
    ),
    # A public client of the older interface; the object is a guess.
    Refusal(
        SageError("Query Failed Object definition SUBSCRIPTION not found", 422, "operationFailed"),
        "Sage Intacct says: Query Failed Object definition SUBSCRIPTION not found. [operationFailed] Check the "
        "object: a custom object's path is platform-apps/nsp::name, and display names differ from API names.",
    ),
    # The code and status of Sage's error guide; the text is a guess.
    Refusal(
        SageError("The resource objects/platform-apps/nsp::subscription does not exist", 404, "notFound"),
        "Sage Intacct says: The resource objects/platform-apps/nsp::subscription does not exist. [notFound] Check the "
        "object: a custom object's path is platform-apps/nsp::name, and display names differ from API names.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("The line does not exist", 422, "operationFailed"),
        "Sage Intacct says: The line does not exist. [operationFailed] No record has this key in the configured "
        "entity: check the column that is mapped to the record key; it must hold the record's `key`, not its visible "
        "id.",
    ),
    # fyle-intacct-api, tests; OpenChain.
    Refusal(
        SageError("Invalid Vendor 'Test' specified.", 422, "operationFailed", "BL01001973"),
        "field vendor: Sage Intacct says: Invalid Vendor 'Test' specified. [BL01001973] Create the missing record "
        "first, or correct the id in the row; ids are compared exactly.",
    ),
    # fyle-intacct-api, tests.
    Refusal(
        SageError(
            "Invalid Project '10064' specified.",
            422,
            "operationFailed",
            "BL01001973",
            support_id="nHh88EB032~Y1JFVP0J5xA-qTZWkbX7zwAAAAY",
        ),
        "field project: Sage Intacct says: Invalid Project '10064' specified. [BL01001973, support id "
        "nHh88EB032~Y1JFVP0J5xA-qTZWkbX7zwAAAAY] Create the missing record first, or correct the id in the row; ids "
        "are compared exactly.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError("The vendor 'Vaishnavi Primary' is invalid.", 422, "operationFailed"),
        "field vendor: Sage Intacct says: The vendor 'Vaishnavi Primary' is invalid. [operationFailed] Create the "
        "missing record first, or correct the id in the row; ids are compared exactly.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError("Vendor 'Vaishnavi Primary' specified is not valid.", 422, "operationFailed"),
        "field vendor: Sage Intacct says: Vendor 'Vaishnavi Primary' specified is not valid. [operationFailed] Create "
        "the missing record first, or correct the id in the row; ids are compared exactly.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError("The specified vendor 'Vaishnavi Primary' is not valid.", 422, "operationFailed"),
        "field vendor: Sage Intacct says: The specified vendor 'Vaishnavi Primary' is not valid. [operationFailed] "
        "Create the missing record first, or correct the id in the row; ids are compared exactly.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError("Customer '10001' specified is not valid.", 422, "operationFailed"),
        "field customer: Sage Intacct says: Customer '10001' specified is not valid. [operationFailed] Create the "
        "missing record first, or correct the id in the row; ids are compared exactly.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError("The employee '1005' is invalid.", 422, "operationFailed"),
        "field employee: Sage Intacct says: The employee '1005' is invalid. [operationFailed] Create the missing "
        "record first, or correct the id in the row; ids are compared exactly.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError("Invalid Department 300 selected ", 422, "operationFailed"),
        "field department: Sage Intacct says: Invalid Department 300 selected . [operationFailed] Create the missing "
        "record first, or correct the id in the row; ids are compared exactly.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError("Department 300 is not valid", 422, "operationFailed"),
        "field department: Sage Intacct says: Department 300 is not valid. [operationFailed] Create the missing "
        "record first, or correct the id in the row; ids are compared exactly.",
    ),
    # fyle-intacct-api, errors.
    Refusal(
        SageError("Location '600' is not valid", 422, "operationFailed"),
        "field location: Sage Intacct says: Location '600' is not valid. [operationFailed] Create the missing record "
        "first, or correct the id in the row; ids are compared exactly.",
    ),
    # fyle-intacct-api, errors. A renamed term names no field.
    Refusal(
        SageError("Job '10064' specified is not valid.", 422, "operationFailed"),
        "Sage Intacct says: Job '10064' specified is not valid. [operationFailed] Create the missing record first, or "
        "correct the id in the row; ids are compared exactly.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("Customer 'C-1' does not exist", 422, "operationFailed"),
        "field customer: Sage Intacct says: Customer 'C-1' does not exist. [operationFailed] Create the missing "
        "record first, or correct the id in the row; ids are compared exactly.",
    ),
)
