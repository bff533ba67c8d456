import pytest

from destination_sage_intacct.intacct.advice import advise
from destination_sage_intacct.intacct.errors import SageError

EXISTS = "A record with this id or number exists already: update it by its record key, or use another id."
LOCKED = "Another user or integration holds the record; the row is not at fault: send it again when it is free."
READ_ONLY = "Sage Intacct computes this field and takes no value for it: do not map a column to it."
NO_FIELD = (
    "Check the field's name against the object's fields in Sage Intacct's REST API reference; custom fields begin "
    "with nsp::, and display names differ from API names."
)
BALANCE = "Debits and credits of the entry must be equal, also within each entity."
REFERENCE = "Create the missing record first, or correct the id in the row; ids are compared exactly."
NO_RECORD = (
    "No record has this key in the configured entity: check the column that is mapped to the record key; it must "
    "hold the record's `key`, not its visible id."
)
REQUIRED = "Fill this field: Sage Intacct requires it for a new record."
ALLOWED = "Use one of the values that Sage Intacct allows for this field."
PERIOD = "The period is closed: open it in Sage Intacct, or use a date in an open period."
TOO_LARGE = "The record is too large for one request: shorten its texts or split its lines."
PERMISSION = "The user may not write this record: check its permissions and the entities it is assigned to."
NO_CHANGE = "Sage Intacct does not allow this change of the object: check the operation and the object's type."
RULE = "A rule of your company refused the record: check smart rules and required dimensions in Sage Intacct."
FORMAT = "Check the value against the field's type and format in Sage Intacct's REST API reference."
GENERAL = "Correct the row in the warehouse or the record in Sage Intacct and send the row again."


def error(message, status=422, code="invalidRequest", error_id="", correction=""):
    return SageError(message, status, code, error_id, correction=correction)


@pytest.mark.parametrize(
    ("found", "advice"),
    [
        (error("Another record with the value CUST-1 already exists", code="operationFailed"), EXISTS),
        (error("Duplicate document number"), EXISTS),
        (error("The invoice number must be unique"), EXISTS),
        (error("The id is not unique", 409), EXISTS),
        (error("The record is locked by another process", 409), LOCKED),
        (error("The customer is in use by another user", 409), LOCKED),
        (error("/audit/createdBy is a read-only field", 400, error_id="REST-1050"), READ_ONLY),
        (error("whatever it says", 400, error_id="REST-1050"), READ_ONLY),
        (error("totalDue is a readonly field"), READ_ONLY),
        (error("The id cannot be changed"), READ_ONLY),
        (error("/newDate is not a valid field", 400, error_id="REST-1043"), NO_FIELD),
        (error("Unknown field newDate"), NO_FIELD),
        (error("Transactions do not balance for Place ,", error_id="GL-1009", code="invalidConfiguration"), BALANCE),
        (error("The entry does not balance", code="x"), BALANCE),
        (error("Invalid Customer 'C-1' specified.", code="operationFailed"), REFERENCE),
        (error("Customer 'C-1' does not exist", code="operationFailed"), REFERENCE),
        (error("The location was not found", code="operationFailed"), REFERENCE),
        (error("does not exist: department 7", code="operationFailed"), REFERENCE),
        (error("customer with key 999 was not found", 404, "notFound"), NO_RECORD),
        (error("HTTP 404 without an explanation", 404, ""), NO_RECORD),
        (error("The record could not be found", code="x"), NO_RECORD),
        (error("?", code="notFound"), NO_RECORD),
        (error("/name is required", 400), REQUIRED),
        (error("Customer is required", 400), REQUIRED),
        (error("A value must be specified", code="x"), REQUIRED),
        (error("status must be one of active, inactive"), ALLOWED),
        (error("'x' is not a valid value for status"), ALLOWED),
        (error("The period is closed for Accounts Receivable", code="x"), PERIOD),
        (error("You cannot post into a closed period", code="x"), PERIOD),
        (error("Payload size exceeds 1 MB"), TOO_LARGE),
        (error("HTTP 413 without an explanation", 413, ""), TOO_LARGE),
        (error("Forbidden", 403, "GW-0042"), PERMISSION),
        (error("Method not allowed", 405, "x"), NO_CHANGE),
        (error("Smart rule 'Credit' refused this", code="x"), RULE),
        (error("Amounts above 1000 need approval", error_id="BL04002055", code="x"), RULE),
        (error("Could not parse date", 400, "x"), FORMAT),
        (error("The format of the date is wrong", code="x"), FORMAT),
        (error("State must be draft or not included in the request", code="x"), GENERAL),
    ],
)
def test_each_refusal_has_its_remedy(found, advice):
    assert advise(found) == advice


def test_what_sage_advises_itself_is_passed_on_where_we_know_nothing_better():
    assert advise(error("Odd", code="x", correction="Call your administrator.")) == "Call your administrator."


def test_our_advice_comes_before_sages():
    assert advise(error("/name is required", correction="Try again.")) == REQUIRED


@pytest.mark.parametrize(
    "advice",
    [
        EXISTS,
        READ_ONLY,
        NO_FIELD,
        BALANCE,
        REFERENCE,
        NO_RECORD,
        REQUIRED,
        ALLOWED,
        PERIOD,
        TOO_LARGE,
        PERMISSION,
        NO_CHANGE,
        RULE,
        FORMAT,
        GENERAL,
    ],
)
def test_an_advice_is_a_whole_sentence(advice):
    assert advice[0].isupper()
    assert advice.endswith(".")
