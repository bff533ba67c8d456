"""Refusals about records that are there already, with the sentence that the user reads after the row's number."""

from refusals import Refusal

from destination_sage_intacct.intacct.errors import SageError

DUPLICATES = (
    # PSIntacct, in an answer of the older interface.
    Refusal(
        SageError(
            "Another Contact with the given value(s)   already exists",
            422,
            "operationFailed",
            "BL34000061",
            correction="Use a unique value instead.",
        ),
        "Sage Intacct says: Another Contact with the given value(s)   already exists. [BL34000061] A contact of this "
        "name exists already: name it by its id in place of its fields, or use another name.",
    ),
    # intacct-ruby.
    Refusal(
        SageError("A transaction with that number already exists", 422, "operationFailed", "BL03002185"),
        "Sage Intacct says: A transaction with that number already exists. [BL03002185] A document with this number "
        "exists already: match on the number to update it, or use another number.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("Duplicate document number", 422, "operationFailed"),
        "Sage Intacct says: Duplicate document number. [operationFailed] A document with this number exists already: "
        "match on the number to update it, or use another number.",
    ),
    # fyle-intacct-api, utils.
    Refusal(
        SageError("Another record with the value CUST-1 already exists", 422, "operationFailed"),
        "Sage Intacct says: Another record with the value CUST-1 already exists. [operationFailed] A record with "
        "this id or number exists already: to update it, upsert, and find records by that field or by the record key "
        "(`matching`; in data activation the matching key); otherwise use another one.",
    ),
    # jfcote87/intacct, in an answer of the older interface.
    Refusal(
        SageError(
            "Another Class with the given value(s) UT01  already exists",
            422,
            "operationFailed",
            "BL34000061",
            correction="Use a unique value instead.",
        ),
        "Sage Intacct says: Another Class with the given value(s) UT01  already exists. [BL34000061] A record with "
        "this id or number exists already: to update it, upsert, and find records by that field or by the record key "
        "(`matching`; in data activation the matching key); otherwise use another one.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("The id is not unique", 409, "operationFailed"),
        "field id: Sage Intacct says: The id is not unique. [operationFailed] A record with this id or number exists "
        "already: to update it, upsert, and find records by that field or by the record key (`matching`; in data "
        "activation the matching key); otherwise use another one.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("A duplicate Customer ID was found", 422, "operationFailed"),
        "field id: Sage Intacct says: A duplicate Customer ID was found. [operationFailed] A record with this id or "
        "number exists already: to update it, upsert, and find records by that field or by the record key "
        "(`matching`; in data activation the matching key); otherwise use another one.",
    ),
    # fyle-intacct-api, tasks: the number alone tells of an employee that exists.
    Refusal(
        SageError("no reason given", 422, "operationFailed", "PL05000104"),
        "Sage Intacct says: no reason given. [PL05000104] A record with this id or number exists already: to update "
        "it, upsert, and find records by that field or by the record key (`matching`; in data activation the "
        "matching key); otherwise use another one.",
    ),
)
