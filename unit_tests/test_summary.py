import json
import re

import pytest
from fakes import make_plan, settled
from hypothesis import given
from hypothesis import strategies as st
from markdown_page import ROOT, blocks, codes, section, tables

from destination_sage_intacct.delivery.pipeline import StreamCost
from destination_sage_intacct.delivery.rehearsal import Forecast
from destination_sage_intacct.delivery.summary import SUMMARY_VERSION, summary_json, summary_line
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.ledger import Outcome
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.rejected_rows.reasons import ReasonCount

OUTCOMES = {Outcome.CREATED: 4, Outcome.UPDATED: 2, Outcome.UNCHANGED: 1, Outcome.SKIPPED: 5, Outcome.REJECTED: 3}
STREAM = StreamKey("public", "customers")
HOW_IT_WORKS = ROOT / "docs/how-it-works.md"
SAID_WHILE_IT_RUNS = "What a sync reports"


def cost(replays=0, began=None, ended=0.0, most_in_flight=0, foreseen=None, **traffic):
    account = StreamCost(replays=replays, began=began, ended=ended)
    account.traffic.add(**traffic)
    if foreseen is not None:
        account.forecast = Forecast()
        account.forecast.add(foreseen)
    account.traffic.saw_in_flight(most_in_flight)
    return account


SPENT = cost(
    began=100.0, ended=103.456, most_in_flight=6, requests=12, retries=2, transactions=6, waited_seconds=1.2601
)


PLAN = make_plan("upsert", stream=ConfiguredStream(STREAM, "append", ("id", "name")))


def line(outcomes, open_rows=0, spent=None):
    return summary_line(PLAN, settled(outcomes, open_rows, STREAM), spent or StreamCost())


def test_a_sync_is_summed_up_in_one_line():
    assert line(OUTCOMES, spent=SPENT) == (
        "Summary of public.customers -> accounts-receivable/customer (upsert): 15 rows = 4 created + 2 updated + "
        "1 unchanged + 0 deleted + 5 skipped + 3 rejected; 12 requests, 6 API transactions, "
        "at most 6 in flight, 1.3 s waited for limits, 3.5 s, 4 rows/s"
    )


def parsed(outcomes, open_rows=0, spent=None, documents=(), reasons=()):
    ledger, account = settled(outcomes, open_rows, STREAM), spent or StreamCost()
    text = summary_json(PLAN, ledger, account, dict(documents), reasons)
    return json.loads(text, parse_float=str)


def test_the_same_is_one_line_of_json_for_programs():
    reasons = [ReasonCount("REST-1", "term.id", 2), ReasonCount("invalid_value", "", 1)]
    counts = {"created": 4, "updated": 2, "unchanged": 1, "deleted": 0, "skipped": 5, "rejected": 3}

    assert parsed(OUTCOMES, 1, SPENT, {"draft": 3, "posted": 1}, reasons) == {
        "event": "stream_summary",
        "version": 1,
        "stream": "customers",
        "namespace": "public",
        "object": "accounts-receivable/customer",
        "operation": "upsert",
        "dry_run": False,
        "rows": {"received": 16, **counts, "unsettled": 1},
        "requests": 12,
        "retries": 2,
        "api_transactions": 6,
        "api_transactions_of_real_run": None,
        "most_in_flight": 6,
        "waited_seconds": "1.26",
        "seconds": "3.456",
        "rows_per_second": "4.63",
        "documents": {"draft": 3, "posted": 1},
        "rejected_by_reason": [
            {"reason": "REST-1", "field": "term.id", "rows": 2},
            {"reason": "invalid_value", "field": "", "rows": 1},
        ],
    }


def test_the_json_of_a_dry_run_says_what_a_real_one_would_cost():
    shown = parsed({}, spent=cost(transactions=3, foreseen=40))
    assert shown["dry_run"]
    assert (shown["api_transactions"], shown["api_transactions_of_real_run"]) == (3, 43)
    assert shown["rows_per_second"] is None  # it cannot be measured


def test_the_json_on_the_page_has_the_names_and_the_version_of_the_code():
    (block,) = (each for each in blocks(HOW_IT_WORKS) if each.heading == SAID_WHILE_IT_RUNS and each.language == "json")
    shown, real = json.loads(block.text), parsed(OUTCOMES, reasons=[ReasonCount("REST-1", "term.id", 3)])

    assert list(shown) == list(real)
    assert list(shown["rows"]) == list(real["rows"])
    assert shown["version"] == SUMMARY_VERSION
    assert sum(shown["rows"].values()) == 2 * shown["rows"]["received"]
    assert sum(each["rows"] for each in shown["rejected_by_reason"]) == shown["rows"]["rejected"]
    (table,) = tables(section(HOW_IT_WORKS, SAID_WHILE_IT_RUNS))
    assert [name for row in table for name in codes(row[0])] == list(real)


DRY = "Dry run: nothing was written and no state was acknowledged; a real run would cost "


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"open_rows": 2}, "3 rejected + 2 not settled, to be sent again; 0 requests, 0 API transactions"),
        ({"spent": cost(replays=3)}, " - rows/s; 3 of the created ones had arrived before and were not booked again"),
        ({"spent": cost(transactions=3, foreseen=-2)}, f" - rows/s. {DRY}about 1 API"),
        ({"spent": cost(replays=1, foreseen=0)}, f"were not booked again. {DRY}"),
    ],
)
def test_what_is_out_of_the_ordinary_is_said_too(settings, said):
    assert said in line(OUTCOMES, **settings)


@given(st.dictionaries(st.sampled_from(Outcome), st.integers(0, 20)), st.integers(0, 20))
def test_the_account_adds_up(outcomes, open_rows):
    total, parts = re.search(r": (\d+) rows? = ([^;]+);", line(outcomes, open_rows)).groups()
    assert int(total) == sum(outcomes.values()) + open_rows
    assert int(total) == sum(int(part.split()[0]) for part in parts.split(" + "))


def test_a_stream_takes_time_from_its_first_row_on():
    accounts = [StreamCost(), StreamCost(began=5.0), StreamCost(began=5.0, ended=7.5)]
    assert [account.seconds for account in accounts] == [0, 0, 2.5]
