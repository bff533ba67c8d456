from typing import Any

import pytest
from fakes import CUT, GONE, changed, created, make_client, make_model, make_plan, refused, replayed
from sage_answers import DUPLICATE, bad, batch, found

from destination_sage_intacct import exact_json
from destination_sage_intacct.config import MatchByFields, MatchByRecordKey
from destination_sage_intacct.delivery.actions import Create, Find, Update, Write, decide_row, identity_of
from destination_sage_intacct.delivery.batch import BatchWriter
from destination_sage_intacct.delivery.document_states import DocumentStates
from destination_sage_intacct.delivery.locks import RecordLocks
from destination_sage_intacct.delivery.lookup import Lookup, RecordCache
from destination_sage_intacct.delivery.rehearsal import Forecast, Records, Rehearsal, rehearsed
from destination_sage_intacct.intacct.errors import AccessError, OutageError
from destination_sage_intacct.protocol.ledger import Ledger, Outcome
from destination_sage_intacct.protocol.messages import Record, StreamKey
from destination_sage_intacct.rejected_rows.rejection import Rejection, rejection_for

STREAM = StreamKey(None, "customers")
BY_ID = MatchByFields(("id",))
BY_KEY = MatchByRecordKey("key")
QUERY = "POST /services/core/query"
CREATE = "POST /objects/accounts-receivable/customer"
UPDATE = "PATCH /objects/accounts-receivable/customer"


class Sending:
    """Rows of one stream, found by `id` as their natural key, or by record key with `by_key`."""

    def __init__(self, *script, operation="upsert", known=None, by_key=False, dry_run=False, **settings):
        columns = ("key", "id", "name", "taxId") if by_key else ("id", "name", "taxId")
        model = make_model("id", "name", "taxId", "status", read_only=["key"])
        self.plan = make_plan(operation, columns, model, matching=BY_KEY if by_key else BY_ID, **settings)
        self.client, self.transport = make_client(*script)
        self.warnings: list[str] = []
        self.rejections: list[Rejection] = []
        self.replays = 0
        self.ledger = Ledger([STREAM], lambda *_: None)
        self.known = known if known is not None else RecordCache()
        client: Records = self.client
        if dry_run:
            company = rehearsed([self.plan], self.warnings.append)
            client = Rehearsal(self.client, self.plan, company, Forecast(), "")
        lookup, states = Lookup(client, self.plan, self.warnings.append), DocumentStates(self.client, self.plan)
        self.writer = BatchWriter(self.plan, client, lookup, self.known, RecordLocks(), states)

    def send(self, *rows: dict[str, Any]) -> list[Outcome | None]:
        """Send rows in one batch; return what became of each."""
        batch = []
        for data in rows:
            action = decide_row(self.plan, data)
            assert isinstance(action, Create | Update | Find), action
            row = self.ledger.receive(Record(1, STREAM, data))
            batch.append(Write((row,), self.plan, action, identity_of(self.plan, action), ("key", data.get("id"))))
        self.writer.write(self.writer.find(batch, self._settle), self._settle)
        return [each.rows[0].outcome for each in batch]

    def _settle(self, write: Write, outcome: Outcome) -> None:
        assert (write.reason is not None) == (outcome is Outcome.REJECTED)
        if write.reason is not None:
            self.rejections.append(rejection_for(write.reason, write.record_key, write.values))
        self.replays += write.is_replay
        self.ledger.settle(write.rows[0], outcome)

    @property
    def asked(self) -> list[str]:
        return self.transport.asked

    @property
    def bodies(self) -> list[Any]:
        return [exact_json.decode(each.body or b"null") for each in self.transport.requests]


CREATED, UPDATED, UNCHANGED = Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED
SKIPPED, REJECTED = Outcome.SKIPPED, Outcome.REJECTED

C1, C2 = {"id": "C-1", "name": "One"}, {"id": "C-2", "name": "Two"}
HELD = {"key": "7", "id": "C-1", "name": "One"}
OTHER = {"key": "7", "id": "C-1", "name": "Another name"}


@pytest.mark.parametrize(("operation", "none", "one", "same"), [
    ("insert", CREATED, SKIPPED, SKIPPED), ("update", REJECTED, UPDATED, UNCHANGED),
    ("upsert", CREATED, UPDATED, UNCHANGED), ("deactivate", SKIPPED, UPDATED, UNCHANGED),
])  # fmt: skip
def test_what_becomes_of_a_row_by_the_records_that_are_found(operation, none, one, same):
    held = HELD | ({"status": "inactive"} if operation == "deactivate" else {})
    found_ones = [([], none), ([OTHER], one), ([held], same), ([HELD, HELD | {"key": "8"}], REJECTED)]
    for records, outcome in found_ones:
        write = {CREATED: [created("9")], UPDATED: [changed("7")]}.get(outcome, [])
        assert Sending(found(*records), *write, operation=operation).send(C1) == [outcome]


def test_one_question_one_create_and_one_update_serve_a_whole_batch():
    rows = [C1, C2, *({"id": f"N-{number}", "name": "New"} for number in range(3))]
    sending = Sending(found(OTHER, {"key": "8", "id": "C-2", "name": "Old"}), batch("1", "2", "3"), batch("7", "8"))

    assert sending.send(*rows) == [UPDATED, UPDATED, CREATED, CREATED, CREATED]
    assert sending.asked == [QUERY, CREATE, UPDATE]
    assert sending.bodies[1] == rows[2:]
    assert sending.bodies[2] == [{"key": "7", "name": "One"}, {"key": "8", "name": "Two"}]


SEVERAL = (
    "field id: 2 records have this natural key, with the record keys 7, 8. [ambiguous_natural_key] Merge or correct "
    "these records in Sage Intacct, or match by fields that only one record can share."
)
NOT_COMPARED = refused(400, "The value 'One' cannot be compared")


@pytest.mark.parametrize(("script", "rows", "outcomes", "text"), [
    ([found(), batch("1", bad("The tax id is wrong", target="/taxId"), "3")], [C1, C2, C1 | {"id": "C-3"}],
     [CREATED, REJECTED, CREATED], "field taxId: Sage Intacct says: The tax id is wrong. "),
    ([found(HELD, HELD | {"key": "8"})], [C1], [REJECTED], SEVERAL),
    # A row that cannot be looked for.
    ([NOT_COMPARED, found(), NOT_COMPARED], [C1], [REJECTED], "Sage Intacct says: The value '…' cannot be compared. "),
])  # fmt: skip
def test_a_row_is_rejected_with_the_reason_and_no_other(script, rows, outcomes, text):
    sending = Sending(*script)
    assert sending.send(*rows) == outcomes
    (rejection,) = sending.rejections
    assert rejection.sentence(1, "customers").startswith(f"Rejected row 1 of stream customers: {text}")


ONE, TWO, ID_ALONE = C1, C1 | {"name": "Two"}, {"id": "C-1"}
LOWER, LOWER_TWO = C1 | {"id": "c-1"}, {"id": "c-1", "name": "Two"}
HELD_LOWER = {"key": "8", "id": "c-1", "name": "Lower"}
SET = changed("7")
OF_NAME = refused(409, "Another record with the value One already exists")


@pytest.mark.parametrize(("settings", "script", "rows", "outcomes", "asked"), [
    # What this sync has written or seen needs no question; of A, B, A the last is written.
    ({}, [found(), created("7"), SET, SET], [ONE, ONE, TWO, ONE], "created unchanged updated updated", "?+77"),
    ({}, [found(HELD), SET], [ONE, ONE, TWO], "unchanged unchanged updated", "?7"),
    ({}, [found(OTHER)], [ID_ALONE], "unchanged", "?"),
    ({"operation": "insert"}, [found(), created("7")], [ONE, ONE, TWO], "created skipped skipped", "?+"),
    ({"skip_unchanged": False}, [found(HELD), SET, SET], [ONE, ONE], "updated updated", "?77"),
    ({"known": RecordCache(0)}, [found(), created("7"), found(HELD)], [ONE, ONE], "created unchanged", "?+?"),
    ({"operation": "deactivate"}, [found(OTHER), SET], [ONE, TWO], "updated unchanged", "?7"),
    # Sage Intacct holds C-1 and c-1: what was written to the one must never go to the other.
    ({}, [found(OTHER), SET, found(HELD_LOWER), changed("8"), found(HELD)], [ONE, LOWER, ONE],
     "updated updated unchanged", "?7?8?"),
    # Where the server takes both for one, what the second wrote is what the record holds.
    ({}, [found(OTHER), SET, found(HELD), SET, found(HELD | {"name": "Two"}), SET], [ONE, LOWER_TWO, ONE],
     "updated updated updated", "?7?7?7"),
    # A record that is gone is asked for again.
    ({}, [found(OTHER), SET, GONE, found(), created("9")], [ONE, TWO, TWO], "updated rejected created", "?77?+"),
    # A dry run asks and writes nothing, and knows what it would have created.
    ({"dry_run": True}, [found()], [ONE, ONE, TWO], "created unchanged updated", "?"),
])  # fmt: skip
def test_rows_sent_one_after_the_other(settings, script, rows, outcomes, asked):
    """Asked is `?` a query, `+` a create, a number the update of that record."""
    sending = Sending(*script, **settings)
    assert [outcome.value for row in rows for outcome in sending.send(row)] == outcomes.split()
    assert sending.asked == [{"?": QUERY, "+": CREATE}.get(each, f"{UPDATE}/{each}") for each in asked]


def test_only_what_differs_is_sent_and_of_a_soft_delete_the_status_alone():
    sending, deleting = Sending(found(), created("7"), SET, SET), Sending(found(OTHER), SET, operation="deactivate")
    for row in (ONE, TWO, ONE):
        sending.send(row)
    deleting.send(ONE)

    assert sending.bodies[2:] == [{"name": "Two"}, {"name": "One"}]
    assert deleting.bodies[1] == {"status": "inactive"}


@pytest.mark.parametrize(("first", "second", "script"), [
    ("upsert", "deactivate", [found(), created("7"), changed("7")]),
    ("deactivate", "upsert", [found(OTHER), changed("7"), changed("7")]),
])  # fmt: skip
def test_a_soft_delete_and_a_write_of_the_same_row_are_two_things(first, second, script):
    known = RecordCache()
    one, other = (Sending(*script[:2], operation=first, known=known), Sending(script[2], operation=second, known=known))
    assert one.send(C1) in ([CREATED], [UPDATED])
    assert other.send(C1) == [UPDATED]


def test_a_record_that_this_sync_deactivated_is_asked_for_when_its_row_returns_and_no_other():
    known, inactive = RecordCache(), HELD | {"status": "inactive"}
    deleting = Sending(found(OTHER), SET, operation="deactivate", known=known)
    settings = {"on_source_delete": "deactivate", "reactivate_returned_rows": True, "known": known}
    returning = Sending(found(inactive), SET, found(), created("9"), **settings)

    assert deleting.send(C1) == [UPDATED]
    assert returning.send(C1) == [UPDATED]
    assert [returning.send(C2), returning.send(C2)] == [[CREATED], [UNCHANGED]]
    assert returning.asked == [QUERY, f"{UPDATE}/7", QUERY, CREATE]
    assert returning.bodies[1]["status"] == "active"


def test_changes_of_one_record_never_share_a_request_and_keep_their_order():
    sending = Sending(changed("7"), changed("7"), by_key=True, skip_unchanged=False)
    assert sending.send({"key": "7", "name": "One"}, {"key": "7", "name": "Two"}) == [UPDATED, UPDATED]
    assert sending.bodies == [{"name": "One"}, {"name": "Two"}]


SEVEN, EIGHT = {"key": "7", "name": "One"}, {"key": "8", "name": "Two"}


@pytest.mark.parametrize(("script", "outcomes", "asked", "warnings"), [
    ([found(SEVEN, EIGHT | {"name": "Old"}), changed("8")], [UNCHANGED, UPDATED], [QUERY, f"{UPDATE}/8"], 0),
    ([refused(403, "no queries"), batch("7", "8", status=200)], [UPDATED, UPDATED], [QUERY, UPDATE], 1),
])  # fmt: skip
def test_rows_by_record_key_are_compared_with_one_question_where_they_can_be(script, outcomes, asked, warnings):
    sending = Sending(*script, by_key=True)
    assert sending.send(SEVEN, EIGHT) == outcomes
    assert sending.asked == asked
    assert len(sending.warnings) == warnings


def test_an_unknown_record_key_rejects_its_row():
    sending = Sending(found(), GONE, by_key=True)
    assert sending.send(SEVEN) == [REJECTED]
    assert sending.rejections[0].key == "7"


@pytest.mark.parametrize(("script", "by_key", "row"), [
    ([OF_NAME, found()], True, C1), ([found(), OF_NAME, found()], False, C1),
    ([refused(409, DUPLICATE)], True, {"name": "One"}),
])  # fmt: skip
def test_a_duplicate_by_another_field_than_the_key_is_a_rejection(script, by_key, row):
    sending = Sending(*script, by_key=by_key, operation="insert")
    assert sending.send(row) == [REJECTED]
    assert sending.transport.is_used_up


@pytest.mark.parametrize(("operation", "record", "write", "outcome"), [
    ("upsert", HELD, [], UNCHANGED), ("upsert", OTHER, [changed("7")], UPDATED), ("insert", OTHER, [], SKIPPED),
])  # fmt: skip
def test_a_natural_key_that_came_to_be_meanwhile_is_looked_up_again(operation, record, write, outcome):
    """As after a crash: the batch of the first run was committed after this run had asked."""
    sending = Sending(found(), refused(409, DUPLICATE), found(record), *write, operation=operation)
    assert sending.send(C1) == [outcome]
    assert sending.transport.is_used_up


@pytest.mark.parametrize(("records", "outcome"), [
    ([HELD], CREATED), ([OTHER], REJECTED), ([HELD, HELD | {"key": "8"}], REJECTED), ([], REJECTED),
])  # fmt: skip
def test_a_row_whose_own_id_is_taken_counts_as_created_if_the_record_holds_it(records, outcome):
    """As after a crash: the same row went out in another batch, under another idempotency key."""
    sending = Sending(batch("9", bad(DUPLICATE, 409)), found(*records), by_key=True, operation="insert")
    assert sending.send(C2, C1) == [CREATED, outcome]
    assert sending.asked == [CREATE, QUERY]
    assert sending.replays == (outcome is CREATED)


@pytest.mark.parametrize(("script", "rows", "by_key", "outcomes"), [
    ([found(OTHER, {"key": "9", "id": "C-3", "name": "One"})], [C1, C2, C1 | {"id": "C-3"}], False,
     [UPDATED, CREATED, UNCHANGED]),
    # Of two record keys one is not there; of two new ids one is taken.
    ([found({"key": "7", "name": "One"}), found({"key": "9", "id": "C-2"}), found({"key": "9", "id": "C-2"})],
     [{"key": "7", "name": "Two"}, {"key": "8", "name": "x"}, C1, C2], True, [UPDATED, REJECTED, CREATED, REJECTED]),
])  # fmt: skip
def test_a_dry_run_asks_and_writes_nothing(script, rows, by_key, outcomes):
    sending = Sending(*script, by_key=by_key, dry_run=True)
    assert sending.send(*rows) == outcomes
    assert sending.asked == [QUERY] * len(script)
    assert sending.transport.is_used_up


def test_a_repeated_answer_counts_as_created():
    sending = Sending(found(), CUT, replayed(batch("1", "2")), found({"key": "1"}, {"key": "2"}))
    assert sending.send(C1, C2) == [CREATED, CREATED]
    assert sending.replays == 2


@pytest.mark.parametrize(("script", "error"), [
    ([CUT] * 4, OutageError), ([found(), *[CUT] * 4], OutageError), ([refused(403, "no")] * 2, AccessError),
])  # fmt: skip
def test_without_an_answer_no_row_has_an_outcome(script, error):
    sending = Sending(*script)
    with pytest.raises(error):
        sending.send(C1)
    assert sending.ledger.unsettled() == 1
