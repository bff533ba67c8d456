"""Which rejected rows are logged one by one, and the lines that sum them up."""

from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.rejected_rows.reasons import ReasonCount, RejectionReasons
from destination_sage_intacct.rejected_rows.rejection import Rejection

CUSTOMERS, BILLS = StreamKey(None, "customers"), StreamKey("erp", "bills")
PATH = "accounts-receivable/customer"
NO_TERM = Rejection("No such term", "Correct the term.", "invalid", "term.id", error_id="REST-1", by_sage=True)
NO_NAME = Rejection("The name is missing", "Fill it.", "required_field_missing", "name")


def add(reasons, stream, path, rejection, primary_key):
    return reasons.add(stream, path, rejection, primary_key, lambda: rejection)


def line(number):
    return Rejection(
        "No such account", "Correct it.", "invalid", f"lines[{number}].glAccount.id", "", "REST-2", by_sage=True
    )


def test_each_reason_has_a_line_with_its_rows_the_most_frequent_first():
    reasons = RejectionReasons()
    add(reasons, CUSTOMERS, PATH, NO_NAME, "")
    for number in range(1, 13):
        add(reasons, CUSTOMERS, PATH, NO_TERM, f"C-{number}")
    add(reasons, BILLS, "accounts-payable/bill", line(0), "B-1")

    terms, names, accounts = reasons.lines()
    assert terms == (
        "Rejections of stream customers: 12 rows, field term.id of accounts-receivable/customer: Sage Intacct says: "
        "No such term. [REST-1] Correct the term. First primary keys: C-1, C-2, C-3."
    )
    assert names == (
        "Rejections of stream customers: 1 row, field name of accounts-receivable/customer: The name is missing. "
        "[required_field_missing] Fill it."
    )
    assert accounts == (
        "Rejections of stream erp.bills: 1 row, field lines[].glAccount.id of accounts-payable/bill: Sage Intacct "
        "says: No such account. [REST-2] Correct it. First primary keys: B-1."
    )


def test_the_rows_of_a_stream_are_counted_by_reason_the_most_frequent_first():
    reasons = RejectionReasons()
    add(reasons, CUSTOMERS, PATH, NO_NAME, "")
    for number in range(205):
        add(reasons, BILLS, PATH, Rejection("No", "No.", f"code-{number}"), "")
    for _ in range(2):
        add(reasons, CUSTOMERS, PATH, NO_TERM, "")

    assert reasons.counts(CUSTOMERS) == [
        ReasonCount("REST-1", "term.id", 2),
        ReasonCount("required_field_missing", "name", 1),
    ]
    assert reasons.counts(BILLS)[:2] == [ReasonCount("other", "", 5), ReasonCount("code-0", "", 1)]
    assert reasons.counts(StreamKey(None, "silent")) == []


def test_a_position_in_a_list_makes_no_reason_of_its_own():
    reasons = RejectionReasons()
    for number in range(50):
        add(reasons, BILLS, "accounts-payable/bill", line(number), "")
    assert len(list(reasons.lines())) == 1


def test_the_first_rows_of_each_reason_are_logged_one_by_one():
    reasons = RejectionReasons()
    assert [add(reasons, CUSTOMERS, PATH, NO_TERM, "") for _ in range(12)] == [True] * 10 + [False] * 2
    assert add(reasons, CUSTOMERS, PATH, NO_NAME, "")
    assert add(reasons, BILLS, PATH, NO_TERM, "")


def test_of_a_stream_a_hundred_rows_are_logged():
    reasons = RejectionReasons()
    logged = [add(reasons, CUSTOMERS, PATH, Rejection("x", "y", f"code_{number % 50}"), "") for number in range(250)]
    assert logged == [True] * 100 + [False] * 150


def test_very_many_reasons_are_counted_together():
    reasons = RejectionReasons()
    for number in range(1_000):
        add(reasons, CUSTOMERS, PATH, Rejection("x", "y", f"code_{number}"), "")
    lines = list(reasons.lines())
    assert len(lines) == 201
    assert lines[0] == "Rejections of stream customers: 800 rows for reasons other than those listed."


def test_a_long_primary_key_is_shortened():
    reasons = RejectionReasons()
    add(reasons, CUSTOMERS, PATH, NO_NAME, "k" * 1_000)
    (summed,) = reasons.lines()
    assert len(summed) < 300


def test_what_the_log_may_show_is_worked_out_for_the_first_of_a_reason_only():
    reasons, asked = RejectionReasons(), []

    for _ in range(20_000):
        reasons.add(CUSTOMERS, PATH, NO_TERM, "", lambda: asked.append(1) or NO_NAME)

    assert len(asked) == 1
    assert "No such term" not in next(reasons.lines())
