"""For each object a body that it takes, and what Sage Intacct is sure to refuse: changes, sentence and field."""

INVOICE_LINE = {"txnAmount": "100.40", "glAccount": {"id": "5004"}}
BILL_LINE = {"txnAmount": "5", "glAccount": {"id": "6000"}, "dimensions": {"location": {"id": "4"}}}
DEBIT = {"txnType": "debit", "txnAmount": "200", "glAccount": {"key": "10"}}
CREDIT = {"txnType": "credit", "txnAmount": "200.00", "glAccount": {"id": "1000"}}
BODIES = {
    "Customer": {"id": "C-1", "name": "Starluck", "status": "active", "contacts": {"default": {"email1": "a@b.c"}}},
    "Vendor": {"name": "Acme"},
    "Invoice": {
        "customer": {"id": "C-1"}, "invoiceDate": "2022-12-06", "dueDate": "2022-12-31",
        "lines": [INVOICE_LINE, {"txnAmount": "-10", "accountLabel": {"id": "SWL"}}],
    },
    "Bill": {
        "vendor": {"key": "7"}, "createdDate": "2024-02-21", "dueDate": "2024-03-08",
        "currency": {"txnCurrency": "USD"}, "lines": [BILL_LINE, BILL_LINE | {"hasForm1099": "true"}],
    },
    "Journal Entry": {
        "glJournal": {"id": "EJ"}, "postingDate": "2024-11-01", "description": "October", "lines": [DEBIT, CREDIT],
    },
    "Employee": {"primaryContact": {"id": "Jane"}},
    "Contact": {"id": "Jane", "printAs": "Jane Doe"},
    "Project": {"name": "House", "category": "contract"},
    "GL Account": {"id": "1000", "name": "Cash"},
}  # fmt: skip
READ_ONLY = "Sage Intacct sets this field of {} itself. Do not map a column to it."
CREATE_ONLY = (
    "The field can be set only when the record is created, and the record exists already. Do not map a column to it, "
    "find the records by it with `matching`, or set `operation` to insert."
)
MISSING = (
    "Sage Intacct requires the field of a new record, and the row has no value for it. Map a column to `{}` that has "
    "a value in every row that creates a record."
)
UNKNOWN = (
    "Sage Intacct's object {} has no such field. {}"
    "Correct the field's name, or leave the field out; a custom field is named `nsp::NAME`."
)
TOO_FEW = (
    "The document has {} and needs at least {}. "
    "Send all lines of a document together: as one list, or as rows that follow each other; rows that were deleted at "
    "the source are no lines of it."
)
NO_ENUM = (
    "The value is not one that the field allows: {}. "
    "Translate the column's values in the warehouse, for example with CASE."
)
UNBALANCED = (
    "The debits of the journal entry's lines are not equal to their credits. "
    "Send all lines of the entry together, and correct the amounts or `txnType` in the warehouse."
)
NO_PART = "The line has no {0}. Give every line a value for {0}."
CUSTOMER = "accounts-receivable/customer"
INVOICE = "accounts-receivable/invoice"
INVOICE_LINES = "accounts-receivable/invoice-line"
UNKNOWN_IN_LINE = UNKNOWN.format(INVOICE_LINES, "Did you mean `memo`? ")
NO_ACCOUNT = NO_PART.format("`glAccount` or `accountLabel`")
NO_AMOUNT = NO_PART.format("`txnAmount` or `totalTxnAmount`")
NO_BOOLEAN = NO_ENUM.format("`true`, `false`")
CASH = {"glAccount": {"id": "1"}}
CASES = [
    ("Customer", {"nmae": "x"}, UNKNOWN.format(CUSTOMER, "Did you mean `name`? "), "nmae"),
    ("Customer", {"email1": "x"}, UNKNOWN.format(CUSTOMER, "Did you mean `contacts.default.email1`? "), "email1"),
    ("Customer", {"contacts": {"default": {"qq": 1}}}, UNKNOWN.format(CUSTOMER, ""), "contacts.default.qq"),
    ("Customer", {"nsp::REGION": "x"}, UNKNOWN.format(CUSTOMER, ""), "nsp::REGION"),
    ("Customer", {"key": "7"}, READ_ONLY.format(CUSTOMER), "key"),
    ("Customer", {"entity": {"id": "100"}}, READ_ONLY.format(CUSTOMER), "entity"),
    ("Customer", {"status": "gone"}, NO_ENUM.format("`active`, `activeNonPosting`, `inactive`"), "status"),
    ("Customer", {"name": None}, MISSING.format("name"), "name"),
    ("Invoice", {"customer": None}, MISSING.format("customer"), "customer"),
    ("Invoice", {"customer": {"name": "x"}}, READ_ONLY.format(INVOICE), "customer.name"),
    ("Invoice", {"customer": {}}, MISSING.format("customer"), "customer"),
    ("Invoice", {"customer": {"id": None}}, MISSING.format("customer"), "customer"),
    ("Invoice", {"lines": None}, MISSING.format("lines"), "lines"),
    ("Invoice", {"lines": []}, TOO_FEW.format("0 lines", 1), "lines"),
    ("Invoice", {"lines": [INVOICE_LINE, {"memo": "x"} | CASH]}, NO_PART.format("`txnAmount`"), "lines[1].txnAmount"),
    ("Invoice", {"lines": [{"txnAmount": "1"}]}, NO_ACCOUNT, "lines[0]"),
    ("Invoice", {"lines": [INVOICE_LINE | {"glAccount": {"id": None}}]}, NO_ACCOUNT, "lines[0]"),
    ("Invoice", {"lines": [INVOICE_LINE | {"meno": "x"}]}, UNKNOWN_IN_LINE, "lines[0].meno"),
    ("Invoice", {"lines": [INVOICE_LINE | {"lineNumber": 1}]}, READ_ONLY.format(INVOICE_LINES), "lines[0].lineNumber"),
    ("Bill", {"vendor": {"id": None}}, MISSING.format("vendor"), "vendor"),
    ("Bill", {"lines": [BILL_LINE, BILL_LINE | {"txnAmount": None}]}, NO_AMOUNT, "lines[1]"),
    ("Bill", {"lines": [BILL_LINE | {"hasForm1099": "maybe"}]}, NO_BOOLEAN, "lines[0].hasForm1099"),
    ("Journal Entry", {"lines": [DEBIT]}, TOO_FEW.format("1 line", 2), "lines"),
    ("Journal Entry", {"lines": [DEBIT, CREDIT | {"txnType": None}]}, NO_PART.format("`txnType`"), "lines[1].txnType"),
    ("Journal Entry", {"lines": [DEBIT, CREDIT | {"txnAmount": "199.99"}]}, UNBALANCED, "lines"),
    ("Journal Entry", {"lines": [DEBIT, CREDIT, CREDIT]}, UNBALANCED, "lines"),
    ("Employee", {"primaryContact": None}, MISSING.format("primaryContact"), "primaryContact"),
    ("Contact", {"printAs": None}, MISSING.format("printAs"), "printAs"),
    ("Project", {"category": None}, MISSING.format("category"), "category"),
    ("GL Account", {"id": None}, MISSING.format("id"), "id"),
]
