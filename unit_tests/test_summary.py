import re

import pytest
from fakes import make_plan, settled
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.delivery.summary import summary_line
from destination_sage_intacct.delivery.writer import Cost
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.ledger import Outcome
from destination_sage_intacct.protocol.messages import StreamKey

OUTCOMES = {
    Outcome.CREATED: 4,
    Outcome.UPDATED: 2,
    Outcome.UNCHANGED: 1,
    Outcome.REJECTED: 3,
}
STREAM = StreamKey("public", "customers")


def line(outcomes, open_rows=0, cost=None, *, dry_run=False):
    plan = make_plan("upsert", stream=ConfiguredStream(STREAM, "append", ("name",)))
    return summary_line(plan, settled(outcomes, open_rows, STREAM), cost or Cost(), dry_run=dry_run)


def test_a_sync_is_told_in_one_line():
    assert line(OUTCOMES, cost=Cost(requests=12, transactions=6, seconds=3.456)) == (
        "Summary of public.customers -> accounts-receivable/customer (upsert): 10 rows = 4 created + 2 updated + "
        "1 unchanged + 0 deleted + 0 skipped + 3 rejected; 12 requests, 6 API transactions, 3.5 s"
    )


@pytest.mark.parametrize(
    ("settings", "end"),
    [
        ({"open_rows": 2}, "3 rejected + 2 not settled, to be sent again; 0 requests, 0 API transactions, 0.0 s"),
        (
            {"cost": Cost(replayed=3)},
            "0.0 s; 3 of the created ones had arrived before and were not booked again",
        ),
        ({"dry_run": True}, "0.0 s. Dry run: nothing was written and no state was acknowledged"),
        (
            {"cost": Cost(replayed=1), "dry_run": True},
            "were not booked again. Dry run: nothing was written and no state was acknowledged",
        ),
    ],
)
def test_what_is_out_of_the_ordinary_is_told_too(settings, end):
    assert line(OUTCOMES, **settings).endswith(end)


@given(st.dictionaries(st.sampled_from(Outcome), st.integers(0, 20)), st.integers(0, 20))
def test_the_account_adds_up(outcomes, open_rows):
    told = re.search(r": (\d+) rows = (.+);", line(outcomes, open_rows))

    assert told is not None
    parts = [int(part.split()[0]) for part in told[2].split(" + ")]
    assert int(told[1]) == sum(parts) == sum(outcomes.values()) + open_rows
