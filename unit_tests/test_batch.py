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
    write = [created("9")] if none is CREATED else []
    assert Sending(found(), *write, operation=operation).send(C1) == [none]

    write = [changed("7")] if one is UPDATED else []
    assert Sending(found(OTHER), *write, operation=operation).send(C1) == [one]

    write = [changed("7")] if same is UPDATED else []
    held = HELD | ({"status": "inactive"} if operation == "deactivate" else {})
    assert Sending(found(held), *write, operation=operation).send(C1) == [same]

    assert Sending(found(HELD, HELD | {"key": "8"}), operation=operation).send(C1) == [REJECTED]


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
        "Rejected row 1 of stream customers: field id: 2 records carry this natural key, with the record keys 7, 8. "
        "[ambiguous_natural_key] Merge or correct these records in Sage Intacct, or match by fields that only "
        "one record can share."
    )


def test_a_row_that_cannot_be_looked_for_is_rejected_with_sages_words():
    odd = refused(400, "The value 'One' cannot be compared")
    sending = Sending(odd, found(), odd)

    assert sending.send(C1) == [REJECTED]
    assert sending.rejections[0].message == "The value '…' cannot be compared"


def test_what_this_sync_has_written_needs_no_question():
    sending = Sending(found(), created("7"), changed("7"), changed("7"))

    assert sending.send(C1) == [CREATED]
    assert sending.send(C1) == [UNCHANGED]
    assert sending.send(C1 | {"name": "Two"}) == [UPDATED]
    assert sending.send(C1) == [UPDATED]  # A, B, A: the last is written
    assert sending.asked == [QUERY, CREATE, f"{UPDATE}/7", f"{UPDATE}/7"]
    assert sending.bodies[2:] == [{"name": "Two"}, {"name": "One"}]


def test_a_row_with_nothing_but_its_natural_key_changes_nothing():
    assert Sending(found(OTHER)).send({"id": "C-1"}) == [UNCHANGED]


def test_a_record_that_was_found_unchanged_is_known_too():
    sending = Sending(found(HELD), changed("7"))

    assert sending.send(C1) == [UNCHANGED]
    assert sending.send(C1) == [UNCHANGED]
    assert sending.send(C1 | {"name": "Two"}) == [UPDATED]


def test_an_insert_of_a_record_that_this_sync_created_is_skipped():
    sending = Sending(found(), created("7"), operation="insert")

    assert sending.send(C1) == [CREATED]
    assert sending.send(C1) == [SKIPPED]
    assert sending.send(C1 | {"name": "Two"}) == [SKIPPED]


def test_without_skipping_every_row_is_written():
    sending = Sending(found(HELD), changed("7"), changed("7"), skip_unchanged=False)

    assert [sending.send(C1), sending.send(C1)] == [[UPDATED], [UPDATED]]


def test_natural_keys_that_differ_only_by_case_may_be_two_records():
    """Sage Intacct holds C-1 and c-1: what was written to the one must never go to the other."""
    lower = {"key": "8", "id": "c-1", "name": "Lower"}
    sending = Sending(found(OTHER), changed("7"), found(lower), changed("8"), found(HELD))

    assert sending.send(C1) == [UPDATED]
    assert sending.send(C1 | {"id": "c-1"}) == [UPDATED]
    assert sending.send(C1) == [UNCHANGED]
    assert sending.asked == [QUERY, f"{UPDATE}/7", QUERY, f"{UPDATE}/8", QUERY]


def test_natural_keys_that_differ_only_by_case_may_be_one_record():
    """Where the server takes both for one, what the second wrote is what the record holds."""
    sending = Sending(
        found(OTHER), changed("7"), found(HELD), changed("7"), found(HELD | {"name": "Two"}), changed("7")
    )

    assert sending.send(C1) == [UPDATED]
    assert sending.send({"id": "c-1", "name": "Two"}) == [UPDATED]
    assert sending.send(C1) == [UPDATED]


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


def test_a_record_deactivated_by_this_sync_is_not_deactivated_again():
    sending = Sending(found(OTHER), changed("7"), operation="deactivate")

    assert sending.send(C1) == [UPDATED]
    assert sending.send({"id": "C-1", "name": "Any"}) == [UNCHANGED]
    assert sending.bodies[1] == {"status": "inactive"}


def test_a_record_that_is_gone_is_asked_for_again():
    sending = Sending(found(OTHER), changed("7"), GONE, found(), created("9"))

    sending.send(C1)
    assert sending.send(C1 | {"name": "Two"}) == [REJECTED]
    assert sending.send(C1 | {"name": "Two"}) == [CREATED]


def test_what_is_not_known_of_a_stream_is_asked_each_time():
    sending = Sending(found(), created("7"), found(HELD), known=RecordCache(0))

    assert sending.send(C1) == [CREATED]
    assert sending.send(C1) == [UNCHANGED]


def test_changes_of_one_record_never_share_a_request_and_keep_their_order():
    sending = Sending(changed("7"), changed("7"), by_key=True, skip_unchanged=False)

    assert sending.send({"key": "7", "name": "One"}, {"key": "7", "name": "Two"}) == [UPDATED, UPDATED]
    assert sending.bodies == [{"name": "One"}, {"name": "Two"}]


def test_rows_by_record_key_are_compared_with_one_question_and_only_what_differs_is_written():
    sending = Sending(found({"key": "7", "name": "One"}, {"key": "8", "name": "Old"}), changed("8"), by_key=True)

    assert sending.send({"key": "7", "name": "One"}, {"key": "8", "name": "Two"}) == [UNCHANGED, UPDATED]
    assert sending.asked == [QUERY, f"{UPDATE}/8"]


def test_rows_by_record_key_are_written_where_nothing_can_be_compared():
    sending = Sending(refused(403, "no queries"), batch("7", "9", status=200), by_key=True)

    assert sending.send({"key": "7", "name": "One"}, {"key": "9", "name": "Two"}) == [UPDATED, UPDATED]
    assert len(sending.told) == 1


def test_an_unknown_record_key_rejects_its_row():
    sending = Sending(found(), GONE, by_key=True)

    assert sending.send({"key": "7", "name": "One"}) == [REJECTED]
    assert sending.rejections[0].key == "7"


@pytest.mark.parametrize("by_key", [True, False])
def test_a_duplicate_by_another_field_than_the_key_is_a_rejection(by_key):
    refusal = refused(409, "Another record with the value One already exists")
    script = [refusal, found()] if by_key else [found(), refusal, found()]
    sending = Sending(*script, by_key=by_key, operation="insert")

    assert sending.send(C1) == [REJECTED]
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


def test_a_row_without_an_id_that_is_a_duplicate_is_rejected_without_a_question():
    sending = Sending(refused(409, DUPLICATE), by_key=True, operation="insert")

    assert sending.send({"name": "One"}) == [REJECTED]


def test_a_repeated_answer_counts_as_created_and_is_told():
    sending = Sending(found(), CUT, replayed(batch("1", "2")), found({"key": "1"}, {"key": "2"}))

    assert sending.send(C1, C2) == [CREATED, CREATED]
    assert sending.replays == 2


@pytest.mark.parametrize(
    ("script", "rows", "by_key", "outcomes"),
    [
        ([found(OTHER, {"key": "9", "id": "C-3", "name": "One"})], [C1, C2, C1 | {"id": "C-3"}], False,
         [UPDATED, CREATED, UNCHANGED]),
        ([found({"key": "7", "name": "One"})], [{"key": "7", "name": "One"}, {"key": "8", "name": "x"}, C1], True,
         [UNCHANGED, UPDATED, CREATED]),
    ],
)  # fmt: skip
def test_a_dry_run_asks_and_writes_nothing(script, rows, by_key, outcomes):
    sending = Sending(*script, by_key=by_key, dry_run=True)

    assert sending.send(*rows) == outcomes
    assert sending.asked == [QUERY]


def test_a_dry_run_knows_what_it_would_have_created():
    sending = Sending(found(), dry_run=True)

    assert [sending.send(C1), sending.send(C1), sending.send(C1 | {"name": "x"})] == [[CREATED], [UNCHANGED], [UPDATED]]


@pytest.mark.parametrize(
    ("script", "error"),
    [([CUT] * 4, OutageError), ([found(), *[CUT] * 4], OutageError), ([refused(403, "no")], AccessError)],
)
def test_without_an_answer_no_row_has_an_outcome(script, error):
    sending = Sending(*script)

    with pytest.raises(error):
        sending.send(C1)

    assert sending.ledger.unsettled() == 1
