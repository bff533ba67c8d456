"""Lines by themselves: created, changed and deleted beside their documents, whose rules and totals they follow."""

import pytest

from emulator.clients_company import EXPENSE
from emulator.documents import BILL, ENTRY, INVOICE
from emulator.emulator_rest import BILLS, ENTRIES, INVOICES, Rest

BILL_LINES = "/objects/accounts-payable/bill-line"
INVOICE_LINES = "/objects/accounts-receivable/invoice-line"
ENTRY_LINES = "/objects/general-ledger/journal-entry-line"
EXPENSE_LINES = "/objects/expenses/employee-expense-line"

NEW = {"txnAmount": "7.5", "glAccount": {"id": "6100"}, "dimensions": {"location": {"id": "CA"}}}
KINDS = pytest.mark.parametrize(
    ("path", "body", "lines", "owner"),
    [(BILLS, BILL, BILL_LINES, "bill"), (INVOICES, INVOICE, INVOICE_LINES, "invoice")],
)


def held(rest, path):
    """Return what the company holds, whoever looks."""
    return rest.emulator.records(path.removeprefix("/objects/"))


def amounts(rest, path):
    return [[line["txnAmount"] for line in document["lines"]] for document in held(rest, path)]


@KINDS
def test_a_line_is_created_changed_and_deleted_and_the_totals_follow(rest, path, body, lines, owner):
    document = rest.create(path, body)
    (before,) = amounts(rest, path)

    made = rest.post(lines, {owner: {"key": document}, **NEW})

    key = made.result["key"]
    assert (made.status, made.result) == (201, {"key": key, "id": key, "href": f"{lines}/{key}"})
    assert amounts(rest, path) == [[*before, "7.5"]]
    line = rest.get(f"{lines}/{key}").result
    assert (line[owner]["key"], line["glAccount"]["id"], line["lineNumber"]) == (document, "6100", len(before) + 1)
    changed = rest.patch(f"{lines}/{key}", {"txnAmount": "-1", "memo": "Less"})
    assert (changed.status, changed.result) == (200, made.result)
    assert amounts(rest, path) == [[*before, "-1"]]
    total = f"{sum(map(float, before)) - 1:.2f}"
    assert [(each["totalTxnAmount"], each["totalTxnAmountDue"]) for each in held(rest, path)] == [(total, total)]
    assert rest.delete(f"{lines}/{key}").status == 204
    assert amounts(rest, path) == [before]
    assert rest.get(f"{lines}/{key}").status == 404


@KINDS
def test_a_document_keeps_its_last_line(rest, path, body, lines, owner):
    rest.create(path, {**body, "lines": body["lines"][:1]})
    before = held(rest, path)
    key = before[0]["lines"][0]["key"]
    assert before[0]["lines"][0][owner]["key"] == before[0]["key"]
    reply = rest.delete(f"{lines}/{key}")
    assert (reply.status, reply.details) == (400, [("/lines must hold at least 1 line", "/lines")])
    assert held(rest, path) == before


@KINDS
def test_a_new_line_names_a_document_that_exists(rest, path, body, lines, owner):
    rest.create(path, body)
    before = held(rest, path)
    assert rest.post(lines, NEW).details == [(f"/{owner} is required", f"/{owner}")]
    assert rest.post(lines, {owner: "1", **NEW}).status == 400
    unknown = rest.post(lines, {owner: {"key": "9"}, **NEW})
    assert (unknown.status, unknown.details) == (422, [(f"Invalid {owner.title()} '9' specified.", f"/{owner}")])
    assert held(rest, path) == before


@KINDS
def test_what_is_wrong_with_a_line_is_named_by_its_place_in_the_line(rest, path, body, lines, owner):
    document = rest.create(path, body)
    before = held(rest, path)
    named = {owner: {"key": document}}
    wrong = rest.post(lines, {**named, **NEW, "txnAmount": 7})
    assert wrong.details == [("/txnAmount must be an amount as a string, such as '12.50'", "/txnAmount")]
    assert rest.post(lines, {**named, **NEW, "colour": "red"}).details == [("/colour is not a valid field", "/colour")]
    assert rest.post(lines, {**named, **NEW, "key": "1"}).details == [("/key is a read-only field", "/key")]
    assert rest.post(lines, {**named, **NEW, "ia::operation": "delete"}).status == 400
    missing = rest.post(lines, {**named, "txnAmount": "1", "dimensions": NEW["dimensions"]})
    assert missing.details == [("/glAccount is required", "/glAccount")]
    unknown = rest.post(lines, {**named, **NEW, "glAccount": {"id": "9999"}})
    assert (unknown.status, unknown.details) == (422, [("Invalid GL Account '9999' specified.", "/glAccount")])
    assert unknown.error["message"] == f"POST request on {lines.removeprefix('/')} object was unsuccessful"
    assert held(rest, path) == before


@KINDS
def test_a_line_stays_with_its_document(rest, path, body, lines, owner):
    first, second = (rest.create(path, body) for _ in range(2))
    key = held(rest, path)[0]["lines"][0]["key"]
    assert rest.patch(f"{lines}/{key}", {owner: {"key": second}}).details == [
        (f"/{owner} is a read-only field", f"/{owner}")
    ]
    assert rest.patch(f"{lines}/{key}", {owner: {"key": first}, "memo": "x"}).status == 200
    assert [each["lines"][0]["memo"] for each in held(rest, path)] == ["x", None]


def test_several_lines_are_written_in_one_request(rest):
    first, second = (rest.create(BILLS, BILL) for _ in range(2))
    batch = [{"bill": {"key": key}, **NEW} for key in (first, "9", second)]
    reply = rest.post(BILL_LINES, batch)
    assert (reply.status, [each["ia::status"] for each in reply.result]) == (207, [201, 422, 201])
    assert amounts(rest, BILLS) == [["5", "7.5"]] * 2
    keys = [reply.result[index]["key"] for index in (0, 2)]
    assert rest.patch(BILL_LINES, [{"key": key, "txnAmount": "8"} for key in keys]).status == 200
    assert amounts(rest, BILLS) == [["5", "8"]] * 2
    whole = rest.post(BILL_LINES, batch, X_IA_API_Param_Transaction="true")
    assert (whole.status, amounts(rest, BILLS)) == (422, [["5", "8"]] * 2)
    assert rest.delete(f"{BILL_LINES}/{','.join(keys)}").status == 204
    assert amounts(rest, BILLS) == [["5"]] * 2


def test_lines_of_a_submitted_or_reversed_bill_stay_as_they_are(rest_with):
    rest = rest_with("--bill-approval")
    bill = rest.create(BILLS, BILL)
    line = held(rest, BILLS)[0]["lines"][0]["key"]
    assert rest.post("/workflows/accounts-payable/bill/submit", {"key": bill}).status == 200
    before = held(rest, BILLS)
    replies = [
        rest.post(BILL_LINES, {"bill": {"key": bill}, **NEW}),
        rest.patch(f"{BILL_LINES}/{line}", {"txnAmount": "8"}),
        rest.delete(f"{BILL_LINES}/{line}"),
    ]
    assert [reply.status for reply in replies] == [422] * 3
    assert held(rest, BILLS) == before


def test_a_line_of_another_entity_is_not_reached(rest):
    bill = rest.create(BILLS, BILL, X_IA_API_Param_Entity="100")
    line = held(rest, BILLS)[0]["lines"][0]["key"]
    other = {"X_IA_API_Param_Entity": "200"}
    assert rest.post(BILL_LINES, {"bill": {"key": bill}, **NEW}, **other).status == 422
    assert rest.patch(f"{BILL_LINES}/{line}", {"txnAmount": "8"}, **other).status == 404
    assert amounts(rest, BILLS) == [["5"]]


def test_a_line_of_an_entry_is_deleted_if_the_entry_balances_without_it_and_written_nowhere_else(rest):
    rest.create(ENTRIES, ENTRY)
    line = held(rest, ENTRIES)[0]["lines"][0]["key"]
    assert rest.post(ENTRY_LINES, {}).status == 405
    assert rest.patch(f"{ENTRY_LINES}/{line}", {"txnAmount": "1"}).status == 405
    reply = rest.delete(f"{ENTRY_LINES}/{line}")
    assert (reply.status, reply.details) == (400, [("/lines must hold at least 2 lines", "/lines")])
    rest.patch(f"{ENTRIES}/{held(rest, ENTRIES)[0]['key']}", {"lines": [*ENTRY["lines"]]})
    reply = rest.delete(f"{ENTRY_LINES}/{line}")
    assert (reply.status, reply.error["details"][1]["errorId"]) == (422, "GL-1009")
    assert amounts(rest, ENTRIES) == [["200.10"] * 4]


def test_a_line_of_an_expense_report_is_written_by_itself(company):
    rest = Rest(company.emulator)
    path = f"/objects/{EXPENSE}"
    ((amount, *more),) = amounts(rest, path)
    report = held(rest, path)[0]["key"]
    made = rest.post(
        EXPENSE_LINES, {"employeeExpense": {"key": report}, "txnAmount": "3", "expenseType": {"id": "Meals"}}
    )
    key = made.result["key"]
    assert (made.status, amounts(rest, path)) == (201, [[amount, *more, "3"]])
    assert rest.patch(f"{EXPENSE_LINES}/{key}", {"paidTo": "Inn"}).status == 200
    assert held(rest, path)[0]["lines"][-1]["paidTo"] == "Inn"
    assert rest.delete(f"{EXPENSE_LINES}/{key}").status == 204
    assert amounts(rest, path) == [[amount, *more]]


@pytest.mark.parametrize(
    ("path", "verbs"),
    [
        (BILL_LINES, "OPTIONS,GET,POST,DELETE,PATCH"),
        (INVOICE_LINES, "OPTIONS,GET,POST,DELETE,PATCH"),
        (EXPENSE_LINES, "OPTIONS,GET,POST,DELETE,PATCH"),
        (ENTRY_LINES, "OPTIONS,GET,DELETE"),
        ("/objects/cash-management/credit-card-txn-line", "OPTIONS,GET"),
    ],
)
def test_the_model_lists_the_verbs_of_a_line(rest, path, verbs):
    model = rest.get(f"/services/core/model?name={path.removeprefix('/objects/')}").result
    assert (model["httpMethods"], model["type"]) == (verbs, "ownedObject")
    assert rest.send("OPTIONS", path).headers["allow"] == verbs.replace(",", ", ")
