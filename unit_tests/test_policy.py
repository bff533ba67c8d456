import pytest
from fakes import settled

from destination_sage_intacct.config import RejectedRows
from destination_sage_intacct.delivery.policy import RejectedRowsError, check_finished, check_running
from destination_sage_intacct.protocol.ledger import Outcome

REPORT = RejectedRows("report")
CONTINUE = RejectedRows("continue")


def ledger(rejected, received):
    return settled({Outcome.REJECTED: rejected, Outcome.CREATED: received - rejected})


def stops(check, policy, rejected, received):
    try:
        check(policy, ledger(rejected, received))
    except RejectedRowsError:
        return True
    return False


def stop_at(max_rows=None, max_percent=None):
    return RejectedRows("stop", max_rows, max_percent)


@pytest.mark.parametrize("policy", [REPORT, CONTINUE, stop_at(0), stop_at(None, 0)])
def test_a_sync_without_rejected_rows_succeeds_and_with_continue_any_other(policy):
    rejected = 200 if policy is CONTINUE else 0
    assert not stops(check_running, policy, rejected, 200)
    assert not stops(check_finished, policy, rejected, 200)
    assert not stops(check_finished, policy, 0, 0)


def refusal(check, policy, rows, **settings):
    with pytest.raises(RejectedRowsError) as caught:
        check(policy, rows, **settings)
    return str(caught.value)


def test_report_delivers_everything_and_fails_at_the_end():
    assert not stops(check_running, REPORT, 200, 200)
    said = "2 of 10 rows were rejected; all others were delivered. The reasons are in this sync's log, in lines that"
    assert refusal(check_finished, REPORT, ledger(2, 10)).startswith(said)


def test_where_the_rejected_rows_are_stored_report_succeeds_and_stop_names_the_place():
    folder = "s3://bucket/rejected/"
    check_finished(REPORT, ledger(2, 10), folder=folder)
    text = refusal(check_finished, stop_at(1), ledger(2, 10), folder=folder)
    assert "Each one is explained in the files in `s3://bucket/rejected/`. No state" in text


def test_a_few_rows_are_named_in_words_that_fit():
    for rejected, received, start in (
        (1, 1, "The only row was rejected. It is explained"),
        (3, 3, "All 3 rows were rejected. The reasons are"),
        (1, 2, "1 of 2 rows was rejected; all others were delivered. It is explained"),
    ):
        assert refusal(check_finished, REPORT, ledger(rejected, received)).startswith(start)


@pytest.mark.parametrize(
    ("limit", "rejected", "received", "running", "finished"),
    [
        # A number of rows is a limit from the first row on.
        *(((2,), 1, 5, False, False), ((2,), 2, 5, False, False), ((2,), 3, 5, True, True), ((0,), 1, 1, True, True)),
        # A share counts among enough rows, and at the end always.
        *(((None, 10), 10, 100, False, False), ((None, 10), 11, 100, True, True), ((None, 10), 10, 99, False, True)),
        *(((None, 10), 99, 99, False, True), ((None, 10), 9, 99, False, False), ((None, 10), 101, 1000, True, True)),
        ((None, 10), 100, 1000, False, False),
        *(((None, 0.5), 5, 1000, False, False), ((None, 0.5), 6, 1000, True, True), ((None, 0), 1, 1000, True, True)),
    ],
)
def test_a_limit_stops_when_it_is_passed(limit, rejected, received, running, finished):
    assert stops(check_running, stop_at(*limit), rejected, received) == running
    assert stops(check_finished, stop_at(*limit), rejected, received) == finished


@pytest.mark.parametrize(
    ("limit", "named"),
    [((2,), "2 rows"), ((1,), "1 row"), ((None, 2.5), "2.5 %"), ((2, 90), "2 rows"), ((100, 2), "2 %")],
)
def test_a_stop_names_the_limit_that_was_passed(limit, named):
    said = f"The sync stopped. 3 of 100 rows were rejected, more than the {named} that `rejected_rows` allows. The "
    assert refusal(check_running, stop_at(*limit), ledger(3, 100)).startswith(said)


def test_a_dry_run_says_what_would_be_rejected():
    said = refusal(check_finished, REPORT, ledger(1, 4), dry_run=True)
    assert said.startswith("1 of 4 rows would be rejected; nothing was written in this dry run. It is explained in")
