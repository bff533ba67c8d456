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
    field = f"lines[{number}].glAccount.id"
    return Rejection("No such account", "Correct it.", "invalid", field, "", "REST-2", by_sage=True)


def test_each_reason_has_a_line_with_its_rows_the_most_frequent_first():
    """A position in a list makes no reason of its own, and a long primary key is shortened."""
    reasons = RejectionReasons()
    add(reasons, CUSTOMERS, PATH, NO_NAME, "")
    for number in range(1, 13):
        add(reasons, CUSTOMERS, PATH, NO_TERM, f"C-{number}")
    for number in range(2):
        add(reasons, BILLS, "accounts-payable/bill", line(number), "B" * 1_000)

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
        "Rejections of stream erp.bills: 2 rows, field lines[].glAccount.id of accounts-payable/bill: Sage Intacct "
        f"says: No such account. [REST-2] Correct it. First primary keys: {'B' * 99}…, {'B' * 99}…."
    )


def test_the_rows_of_a_stream_are_counted_by_reason_and_very_many_reasons_together():
    reasons = RejectionReasons()
    add(reasons, CUSTOMERS, PATH, NO_NAME, "")
    for number in range(205):
        add(reasons, BILLS, PATH, Rejection("No", "No.", f"code-{number}"), "")
    for _ in range(2):
        add(reasons, CUSTOMERS, PATH, NO_TERM, "")

    own = [ReasonCount("REST-1", "term.id", 2), ReasonCount("required_field_missing", "name", 1)]
    assert reasons.counts(CUSTOMERS) == own
    assert reasons.counts(BILLS)[:2] == [ReasonCount("other", "", 5), ReasonCount("code-0", "", 1)]
    assert reasons.counts(StreamKey(None, "silent")) == []
    _, _, others, *each = reasons.lines()
    assert others == "Rejections of stream erp.bills: 5 rows for other reasons than those listed."
    assert len(each) == 200


def test_the_first_rows_of_each_reason_are_logged_one_by_one_and_of_a_stream_a_hundred():
    reasons = RejectionReasons()
    assert [add(reasons, CUSTOMERS, PATH, NO_TERM, "") for _ in range(12)] == [True] * 10 + [False] * 2
    assert add(reasons, CUSTOMERS, PATH, NO_NAME, "")
    assert add(reasons, BILLS, PATH, NO_TERM, "")

    many = RejectionReasons()
    logged = [add(many, CUSTOMERS, PATH, Rejection("x", "y", f"code_{number % 50}"), "") for number in range(250)]
    assert logged == [True] * 100 + [False] * 150


def test_what_the_log_may_show_is_worked_out_for_the_first_of_a_reason_only():
    reasons, asked = RejectionReasons(), []

    for _ in range(20_000):
        reasons.add(CUSTOMERS, PATH, NO_TERM, "", lambda: asked.append(1) or NO_NAME)

    assert len(asked) == 1
    assert "No such term" not in next(reasons.lines())
