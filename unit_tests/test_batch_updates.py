from collections.abc import Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from fakes import CUT, changed, make_client, make_config, refused, replayed
from sage_answers import bad, batch

from destination_sage_intacct import exact_json
from destination_sage_intacct.delivery.actions import Reason, SageRecord, Update, Write
from destination_sage_intacct.delivery.batch import BatchWriter
from destination_sage_intacct.delivery.document_states import DocumentStates
from destination_sage_intacct.delivery.locks import RecordLocks
from destination_sage_intacct.delivery.lookup import Lookup
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.errors import OutageError, SageError
from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.plan.build import plan_stream, target_of
from destination_sage_intacct.protocol import messages
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.ledger import Ledger, Outcome
from destination_sage_intacct.rows.values import Problem

STREAM = messages.StreamKey(None, "bills")
BILL = "/objects/accounts-payable/bill"
LINE_MODEL = Model("bill-line", {"txnAmount": Field("amount"), "memo": Field("string")})
FIELDS = {"key": Field("string", read_only=True), "description": Field("string")}
FIELDS |= {"number": Field("string", create_only=True), "nsp::TAGS": Field("list")}
MODEL = Model("accounts-payable/bill", FIELDS | {"lines": Field("list", target="bill-line")})
COLUMNS = ("id", "description", "number", "lines", "nsp::TAGS")


class _Found(Lookup):
    """A lookup that has found one record, under whatever key."""

    record: SageRecord | None = None

    def by_record_key(self, updates: Sequence[Update]) -> dict[str, SageRecord]:
        return {} if self.record is None else {update.key: self.record for update in updates}


class Comparing:
    """Updates of one stream, of the records 7, 8 and so on, for which a query has returned `record`."""

    def __init__(self, *bodies, script=(), record=None, keys=("7", "8", "9"), locks=None, **settings):
        config = make_config(object_type="Bill", operation="update", **settings)
        stream = ConfiguredStream(STREAM, "append", COLUMNS)
        self.plan = plan_stream(target_of(stream, config), config, MODEL, {"bill-line": LINE_MODEL})
        self.client, self.transport = make_client(*script)
        lookup = _Found(self.client, self.plan, lambda _: None)
        lookup.record = record
        states = DocumentStates(self.client, self.plan)
        self.writer = BatchWriter(self.plan, self.client, lookup, None, locks or RecordLocks(), states)
        row = Ledger([STREAM], lambda *_: None).receive(messages.Record(1, STREAM, {}))
        updates = [Update(key, body, exact_json.encode_sorted(body)) for key, body in zip(keys, bodies, strict=False)]
        self.writes = [Write((row,), self.plan, update) for update in updates]

    def change(self) -> list[Outcome | Reason | None]:
        """Make the changes; return what became of each, and why it was rejected."""
        settled: list[Write] = []

        def settle(write: Write, _outcome: Outcome) -> None:
            settled.append(write)

        self.writer.write(self.writer.find(self.writes, settle), settle)
        assert len(settled) == len(self.writes)
        return [write.reason or write.outcome for write in self.writes]

    @property
    def sent(self) -> list[Any]:
        """The bodies of all updates."""
        return [exact_json.decode(each.body) for each in self.transport.requests if each.body is not None]


def whole(*records: dict[str, Any]) -> Answer:
    """The answer to a read of these records."""
    return Answer(200, {}, {"ia::result": list(records) if len(records) > 1 else records[0]})


UPDATED, UNCHANGED = Outcome.UPDATED, Outcome.UNCHANGED
READ, UPDATE = f"GET {BILL}/7", f"PATCH {BILL}/7"
TEN, TWENTY = {"txnAmount": "10.10"}, {"txnAmount": "20"}
HELD = {"key": "7", "lines": [{"key": "71", "txnAmount": "10.1", "memo": None}, {"key": "72", "txnAmount": "20.00"}]}
NONE = {"key": "7", "lines": []}
ADDED = {"key": "7", "lines": [{"key": "73", "txnAmount": "10.10"}]}
GONE = [{"key": key, "ia::operation": "delete"} for key in ("71", "72")]
FAILED = refused(500, "Unable to process request")
UNABLE = SageError("Unable to process request", 500, "invalidRequest")
NO_PATCH = refused(405, "Method not allowed")
SAME, CHANGE = {"description": "same"}, {"description": "new"}
LINES_NOT_KNOWN = Problem(
    "lines_not_known",
    "Sage Intacct returns the record without its own lines, so these cannot be compared with the row's, and a line "
    "that exists already would be added again",
    "Give the Web Services user permission to view these lines. To change documents without their lines, set "
    "`lines_on_update` to ignore.",
    "lines",
)
CREATE_ONLY = Problem(
    "create_only_field",
    "The field can be set only when the record is created, and the record exists already",
    "Do not map a column to it, find the records by it with `matching`, or set `operation` to insert.",
    "number",
)


@pytest.mark.parametrize(("body", "held", "record", "sent"), [
    *((CHANGE | {"lines": lines}, HELD, None, CHANGE) for lines in ([TEN, TWENTY], [TWENTY, TEN])),
    (SAME | {"lines": [TEN, TWENTY]}, HELD, SAME, None),
    (SAME | {"lines": [TEN, TEN]}, HELD, SAME, {"lines": [*GONE, TEN, TEN]}),
    ({"lines": [TEN]}, NONE, None, {"lines": [TEN]}), ({"lines": []}, HELD, None, {"lines": GONE}),
])  # fmt: skip
def test_only_lines_and_fields_that_differ_are_sent_and_other_lines_replace_the_records_own(body, held, record, sent):
    comparing = Comparing(body, script=(whole(held), changed("7")), record=record)
    assert comparing.change() == [UPDATED if sent else UNCHANGED]
    assert comparing.sent == ([sent] if sent else [])
    assert comparing.transport.asked == [READ, UPDATE][: 2 if sent else 1]


@pytest.mark.parametrize("record", [{"key": "7"}, {"key": "7", "lines": None}, {"key": "7", "lines": ["71"]}])
def test_lines_are_never_sent_where_the_records_own_are_not_known(record):
    comparing = Comparing(CHANGE | {"lines": [TEN]}, script=(whole(record),))
    assert (comparing.change(), comparing.sent) == ([LINES_NOT_KNOWN], [])


def test_a_record_that_cannot_be_read_is_refused_and_the_others_go_on():
    read = batch(bad("gone", 404), {"key": "8", "lines": []}, status=207)
    comparing = Comparing(*[{"lines": [TEN]}] * 2, CHANGE, script=(read, batch("8", "9", status=200)))
    assert comparing.change() == [SageError("gone", 404, "operationFailed"), UPDATED, UPDATED]


def test_changes_without_lists_are_not_read():
    script = (whole(NONE | {"key": "8"}), batch("7", "8", "9", status=200))
    comparing = Comparing(CHANGE, {"lines": [TEN]}, CHANGE, script=script)
    assert comparing.change() == [UPDATED] * 3
    assert comparing.transport.asked == [f"GET {BILL}/8", f"PATCH {BILL}"]


def test_two_changes_of_one_record_are_each_compared_with_what_it_holds_then():
    """The header that a query returned before the first of them is no longer what the record holds."""
    first, second = CHANGE | {"lines": [TEN]}, {"description": "old", "lines": [TEN]}
    script = (whole(NONE), changed("7"), whole(ADDED), changed("7"))
    comparing = Comparing(first, second, script=script, keys=("7", "7"), record={"description": "old"})

    assert comparing.change() == [UPDATED, UPDATED]
    assert comparing.transport.asked == [READ, UPDATE, READ, UPDATE]
    assert comparing.sent == [first, {"description": "old"}]


@pytest.mark.parametrize(("held", "outcome"), [(["a", "b"], UNCHANGED), (["a"], UPDATED), (None, UPDATED)])
@pytest.mark.parametrize("setting", ["replace", "ignore"])
def test_a_list_of_plain_values_is_a_field_like_any_other(held, outcome, setting):
    body = {"nsp::TAGS": ["a", "b"]}
    script = (whole({"key": "7", "nsp::TAGS": held}), changed("7"))
    comparing = Comparing(body, script=script, record={}, lines_on_update=setting)
    assert (comparing.change(), comparing.sent) == ([outcome], [] if outcome is UNCHANGED else [body])


EIGHTH = {"key": "8"}
NEITHER = whole(NONE, NONE | EIGHTH)
LANDED, NOT_LANDED = [whole(ADDED)], [whole(NONE), changed("7")]
STORED = [CUT, replayed(FAILED)]
NO_JSON = Answer(200, unreadable="a body that is not JSON")


@pytest.mark.parametrize(("script", "became"), [
    # An item of a batch that failed may have landed; one refused for too many requests did nothing.
    ([NEITHER, batch(bad("internal", 500), "8", status=207), *LANDED], [UPDATED, UPDATED]),
    ([NEITHER, batch(bad("internal", 500), "8", status=207), *NOT_LANDED], [UPDATED, UPDATED]),
    ([NEITHER, batch(bad("slow down", 429), "8", status=207), changed("7")], [UPDATED, UPDATED]),
    # So may what has left a stored failure, of a batch too; one that is stored again and again is final.
    ([whole(NONE), *STORED, *LANDED], [UPDATED]), ([whole(NONE), *STORED, *NOT_LANDED], [UPDATED]),
    ([whole(NONE), *STORED, whole(NONE), refused(422, "no")], [SageError("no", 422, "invalidRequest")]),
    ([whole(NONE), *STORED, refused(422, "unreadable")], [SageError("unreadable", 422, "invalidRequest")]),
    ([NEITHER, *STORED, *NOT_LANDED, whole(ADDED | EIGHTH)], [UPDATED, UPDATED]),
    ([whole(NONE), *[FAILED, replayed(FAILED), whole(NONE)] * 3], [UNABLE]),
    # And lines that were sent by PUT, whatever was lost.
    *(([whole(NONE), NO_PATCH, whole(NONE), lost, *then], [UPDATED])
     for lost in (CUT, NO_JSON, FAILED) for then in (LANDED, [whole(NONE), *NOT_LANDED])),
])  # fmt: skip
def test_what_may_have_landed_is_looked_at_before_lines_are_sent_again(script, became):
    comparing = Comparing(*[{"lines": [TEN]}] * len(became), script=tuple(script))
    assert comparing.change() == became
    assert comparing.transport.is_used_up


def test_lines_that_never_arrive_by_put_are_an_outage():
    tries = [each for _ in range(3) for each in (whole(NONE), CUT, whole(NONE))]
    comparing = Comparing({"lines": [TEN]}, script=(whole(NONE), NO_PATCH, *tries))
    with pytest.raises(OutageError, match=r"^Sage Intacct did not answer 3 attempts to update a record of accounts-p"):
        comparing.change()


def test_what_is_left_after_a_failure_is_measured_by_the_whole_change():
    """Somebody else has replaced the lines meanwhile: theirs go, not those that were there before."""
    now = {"key": "7", "description": "new", "lines": [{"key": "81", "txnAmount": "5"}]}
    script = (whole(HELD), *STORED, whole(now), changed("7"))
    comparing = Comparing(CHANGE | {"lines": [TEN]}, script=script)
    assert comparing.change() == [UPDATED]
    assert comparing.sent[-1] == {"lines": [{"key": "81", "ia::operation": "delete"}, TEN]}


def test_a_record_is_held_from_its_reading_to_the_answer_of_its_update():
    seen = []

    class WatchedLocks(RecordLocks):
        @contextmanager
        def held(self, path, keys):
            with super().held(path, keys):
                seen.extend(["held"] * bool(keys))
                yield
                seen.extend(["free"] * bool(keys))

    def step(name, answer):
        return lambda _: seen.append(name) or answer

    script = (step("read", whole(NONE)), step("update", changed("7")))
    comparing = Comparing({"lines": [TEN]}, script=script, locks=WatchedLocks())

    assert comparing.change() == [UPDATED]
    assert seen == ["held", "read", "update", "free"]


@pytest.mark.parametrize(("body", "record", "became", "sent"), [
    ({"number": "N-1"} | CHANGE, {"number": "N-1"}, UPDATED, [CHANGE]),
    ({"number": "N-1"} | CHANGE, {"number": "N-1", "description": "old"}, UPDATED, [CHANGE]),
    ({"number": "N-1"}, None, UPDATED, [{"number": "N-1"}]),
    (CHANGE, {"number": "N-2", "description": "old"}, UPDATED, [CHANGE]),
    ({"number": "N-1"} | CHANGE, {"number": "N-2"}, CREATE_ONLY, []),
])  # fmt: skip
def test_what_only_a_create_can_set_is_left_out_where_the_record_holds_it_and_else_a_problem(
    body, record, became, sent
):
    comparing = Comparing(body, record=record, script=(changed("7"),))
    assert (comparing.change(), comparing.sent) == ([became], sent)
