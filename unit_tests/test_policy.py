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
def test_a_sync_without_rejected_rows_succeeds(policy):
    assert not stops(check_running, policy, 0, 200)
    assert not stops(check_finished, policy, 0, 200)
    assert not stops(check_finished, policy, 0, 0)


def test_report_delivers_everything_and_fails_at_the_end():
    assert not stops(check_running, REPORT, 200, 200)
    with pytest.raises(RejectedRowsError) as caught:
        check_finished(REPORT, ledger(2, 10))

    assert str(caught.value) == (
        "2 of 10 rows were rejected; all others were delivered. The reasons are in this sync's log, in lines that "
        "begin with `Rejected row`. Airbyte will not send rejected rows again by itself: correct them in the "
        "warehouse so that they count as changed, or in Sage Intacct and refresh the stream. To let such syncs "
        'succeed, set `rejected_rows` to `{"policy": "continue"}`, or have such rows stored with '
        "`object_storage_config`."
    )


def test_report_succeeds_when_object_storage_holds_the_rejected_rows():
    check_finished(REPORT, ledger(2, 10), folder="s3://bucket/rejected/")


def test_stop_tells_where_the_rejected_rows_are_stored():
    with pytest.raises(RejectedRowsError) as caught:
        check_finished(stop_at(1), ledger(2, 10), folder="s3://bucket/rejected/")
    assert "Each one is explained in the files in `s3://bucket/rejected/`. No state" in str(caught.value)


@pytest.mark.parametrize(
    ("rejected", "received", "told"),
    [
        (1, 1, "The only row was rejected. It is explained"),
        (3, 3, "All 3 rows were rejected. The reasons are"),
        (1, 2, "1 of 2 rows was rejected; all others were delivered. It is explained"),
    ],
)
def test_a_few_rows_are_told_in_words_that_fit(rejected, received, told):
    with pytest.raises(RejectedRowsError) as caught:
        check_finished(REPORT, ledger(rejected, received))
    assert str(caught.value).startswith(told)


def test_continue_delivers_everything_and_succeeds():
    assert not stops(check_running, CONTINUE, 200, 200)
    assert not stops(check_finished, CONTINUE, 200, 200)


@pytest.mark.parametrize(("rejected", "stopped"), [(1, False), (2, False), (3, True)])
def test_a_number_of_rows_is_a_limit_from_the_first_row_on(rejected, stopped):
    assert stops(check_running, stop_at(2), rejected, 5) == stopped
    assert stops(check_finished, stop_at(2), rejected, 5) == stopped


def test_a_limit_of_no_rows_stops_at_the_first():
    assert stops(check_running, stop_at(0), 1, 1)


@pytest.mark.parametrize(
    ("rejected", "received", "running", "finished"),
    [
        (10, 100, False, False),
        (11, 100, True, True),
        (10, 99, False, True),
        (99, 99, False, True),
        (9, 99, False, False),
        (100, 1000, False, False),
        (101, 1000, True, True),
    ],
)
def test_a_share_counts_among_enough_rows_and_at_the_end_always(rejected, received, running, finished):
    assert stops(check_running, stop_at(None, 10), rejected, received) == running
    assert stops(check_finished, stop_at(None, 10), rejected, received) == finished


@pytest.mark.parametrize(("rejected", "stopped"), [(5, False), (6, True)])
def test_a_share_may_be_a_fraction(rejected, stopped):
    assert stops(check_finished, stop_at(None, 0.5), rejected, 1000) == stopped


@pytest.mark.parametrize(("rejected", "stopped"), [(0, False), (1, True)])
def test_a_share_of_nothing_allows_nothing(rejected, stopped):
    assert stops(check_finished, stop_at(None, 0), rejected, 1000) == stopped


@pytest.mark.parametrize(
    ("policy", "limit"),
    [
        (stop_at(2), "2 rows"),
        (stop_at(1), "1 row"),
        (stop_at(None, 2.5), "2.5 %"),
        (stop_at(2, 90), "2 rows"),
        (stop_at(100, 2), "2 %"),
    ],
)
def test_a_stop_names_the_limit_that_was_passed(policy, limit):
    with pytest.raises(RejectedRowsError) as caught:
        check_running(policy, ledger(3, 100))
    assert str(caught.value) == (
        f"The sync stopped. 3 of 100 rows were rejected, more than the {limit} that `rejected_rows` allows. The "
        "reasons are in this sync's log, in lines that begin with `Rejected row`. No state that covers a rejected "
        "row was acknowledged, so the next sync sends these rows again: correct them, or raise the limit."
    )


def test_a_dry_run_says_what_would_be_rejected():
    ledger = settled({Outcome.CREATED: 3, Outcome.REJECTED: 1})
    with pytest.raises(RejectedRowsError) as caught:
        check_finished(RejectedRows(), ledger, dry_run=True)
    assert str(caught.value) == (
        "1 of 4 rows would be rejected; nothing was written in this dry run. It is explained in this sync's log in a "
        "line that begins with `Rejected row`."
    )
