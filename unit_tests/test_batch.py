import pytest
from batch_writing import CREATE, QUERY, UPDATE, Sending
from fakes import CUT, GONE, changed, created, refused, replayed
from sage_answers import DUPLICATE, bad, batch, found

from destination_sage_intacct.delivery.lookup import RecordCache
from destination_sage_intacct.intacct.errors import AccessError, OutageError
from destination_sage_intacct.protocol.ledger import Outcome

CREATED, UPDATED, UNCHANGED = Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED
SKIPPED, REJECTED = Outcome.SKIPPED, Outcome.REJECTED

C1, C2 = {"id": "C-1", "name": "One"}, {"id": "C-2", "name": "Two"}
HELD = {"key": "7", "id": "C-1", "name": "One"}
OTHER = {"key": "7", "id": "C-1", "name": "Another name"}


@pytest.mark.parametrize(
    ("operation", "none", "one", "same"),
    [
        ("insert", CREATED, SKIPPED, SKIPPED),
        ("update", REJECTED, UPDATED, UNCHANGED),
        ("upsert", CREATED, UPDATED, UNCHANGED),
        ("deactivate", SKIPPED, UPDATED, UNCHANGED),
    ],
)
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


def test_a_refused_record_rejects_its_row_and_no_other():
    sending = Sending(found(), batch("1", bad("The tax id is wrong", target="/taxId"), "3"))

    assert sending.send(C1, C2, C1 | {"id": "C-3"}) == [CREATED, REJECTED, CREATED]
    (rejection,) = sending.rejections
    assert (rejection.message, rejection.field, rejection.by_sage) == ("The tax id is wrong", "taxId", True)


def test_a_row_that_several_records_match_names_their_keys():
    sending = Sending(found(HELD, HELD | {"key": "8"}))

    sending.send(C1)

    assert sending.rejections[0].sentence(1, "customers") == (
        "Rejected row 1 of stream customers: field id: 2 records have this natural key, with the record keys 7, 8. "
        "[ambiguous_natural_key] Merge or correct these records in Sage Intacct, or match by fields that only "
        "one record can share."
    )


def test_a_row_that_cannot_be_looked_for_is_rejected_with_sages_words():
    odd = refused(400, "The value 'One' cannot be compared")
    sending = Sending(odd, found(), odd)

    assert sending.send(C1) == [REJECTED]
    assert sending.rejections[0].message == "The value '…' cannot be compared"


ONE, TWO, ID_ALONE = C1, C1 | {"name": "Two"}, {"id": "C-1"}
LOWER, LOWER_TWO = C1 | {"id": "c-1"}, {"id": "c-1", "name": "Two"}
HELD_LOWER = {"key": "8", "id": "c-1", "name": "Lower"}
SET = changed("7")
OF_NAME = refused(409, "Another record with the value One already exists")


@pytest.mark.parametrize(
    ("settings", "script", "rows", "outcomes", "asked"),
    [
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
    ],
)  # fmt: skip
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


@pytest.mark.parametrize(
    ("first", "second", "script"),
    [
        ("upsert", "deactivate", [found(), created("7"), changed("7")]),
        ("deactivate", "upsert", [found(OTHER), changed("7"), changed("7")]),
    ],
)
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


@pytest.mark.parametrize(
    ("script", "outcomes", "asked", "told"),
    [
        ([found(SEVEN, EIGHT | {"name": "Old"}), changed("8")], [UNCHANGED, UPDATED], [QUERY, f"{UPDATE}/8"], 0),
        ([refused(403, "no queries"), batch("7", "8", status=200)], [UPDATED, UPDATED], [QUERY, UPDATE], 1),
    ],
)
def test_rows_by_record_key_are_compared_with_one_question_where_they_can_be(script, outcomes, asked, told):
    sending = Sending(*script, by_key=True)

    assert sending.send(SEVEN, EIGHT) == outcomes
    assert sending.asked == asked
    assert len(sending.told) == told


def test_an_unknown_record_key_rejects_its_row():
    sending = Sending(found(), GONE, by_key=True)

    assert sending.send({"key": "7", "name": "One"}) == [REJECTED]
    assert sending.rejections[0].key == "7"


@pytest.mark.parametrize(
    ("script", "by_key", "row"),
    [
        ([OF_NAME, found()], True, C1),
        ([found(), OF_NAME, found()], False, C1),
        ([refused(409, DUPLICATE)], True, {"name": "One"}),
    ],
)
def test_a_duplicate_by_another_field_than_the_key_is_a_rejection(script, by_key, row):
    sending = Sending(*script, by_key=by_key, operation="insert")

    assert sending.send(row) == [REJECTED]
    assert sending.transport.is_used_up


@pytest.mark.parametrize(
    ("operation", "record", "write", "outcome"),
    [("upsert", HELD, [], UNCHANGED), ("upsert", OTHER, [changed("7")], UPDATED), ("insert", OTHER, [], SKIPPED)],
)
def test_a_natural_key_that_came_to_be_meanwhile_is_looked_up_again(operation, record, write, outcome):
    """As after a crash: the batch of the first run was committed after this run had asked."""
    sending = Sending(found(), refused(409, DUPLICATE), found(record), *write, operation=operation)

    assert sending.send(C1) == [outcome]
    assert sending.transport.is_used_up


@pytest.mark.parametrize(
    ("records", "outcome"),
    [([HELD], CREATED), ([OTHER], REJECTED), ([HELD, HELD | {"key": "8"}], REJECTED), ([], REJECTED)],
)
def test_a_row_whose_own_id_is_taken_counts_as_created_if_the_record_holds_it(records, outcome):
    """As after a crash: the same row went out in another batch, under another idempotency key."""
    sending = Sending(batch("9", bad(DUPLICATE, 409)), found(*records), by_key=True, operation="insert")

    assert sending.send(C2, C1) == [CREATED, outcome]
    assert sending.asked == [CREATE, QUERY]
    assert sending.replays == (outcome is CREATED)


@pytest.mark.parametrize(
    ("script", "rows", "by_key", "outcomes"),
    [
        ([found(OTHER, {"key": "9", "id": "C-3", "name": "One"})], [C1, C2, C1 | {"id": "C-3"}], False,
         [UPDATED, CREATED, UNCHANGED]),
        # Of two record keys one is not there; of two new ids one is taken.
        ([found({"key": "7", "name": "One"}), found({"key": "9", "id": "C-2"}), found({"key": "9", "id": "C-2"})],
         [{"key": "7", "name": "Two"}, {"key": "8", "name": "x"}, C1, C2], True,
         [UPDATED, REJECTED, CREATED, REJECTED]),
    ],
)  # fmt: skip
def test_a_dry_run_asks_and_writes_nothing(script, rows, by_key, outcomes):
    sending = Sending(*script, by_key=by_key, dry_run=True)

    assert sending.send(*rows) == outcomes
    assert sending.asked == [QUERY] * len(script)
    assert sending.transport.is_used_up


def test_a_repeated_answer_counts_as_created_and_is_told():
    sending = Sending(found(), CUT, replayed(batch("1", "2")), found({"key": "1"}, {"key": "2"}))

    assert sending.send(C1, C2) == [CREATED, CREATED]
    assert sending.replays == 2


@pytest.mark.parametrize(
    ("script", "error"),
    [([CUT] * 4, OutageError), ([found(), *[CUT] * 4], OutageError), ([refused(403, "no")], AccessError)],
)
def test_without_an_answer_no_row_has_an_outcome(script, error):
    sending = Sending(*script)

    with pytest.raises(error):
        sending.send(C1)

    assert sending.ledger.unsettled() == 1
