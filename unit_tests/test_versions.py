"""Several versions of one record in one sync: which are merged, which are skipped, and what each row comes to."""

import functools
from collections import defaultdict
from decimal import Decimal

import pytest
from fakes import ScriptedTransport, changed, make_plan, refused
from hypothesis import given
from hypothesis import strategies as st
from pipeline_run import COLUMNS, CUSTOMERS, STREAM, Writing, stream_plan, takes_everything
from sage_answers import created_batch, found

from destination_sage_intacct import exact_json
from destination_sage_intacct.config import MatchByFields
from destination_sage_intacct.delivery.actions import Delete, Find, Update, Write
from destination_sage_intacct.delivery.versions import DeliveredCursors, merged, outcomes, overlaid
from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.ledger import Ledger, Outcome
from destination_sage_intacct.protocol.messages import Record, StreamKey
from destination_sage_intacct.rows.cursor import cursor_of

BY_ID = MatchByFields(("id",))
BY_CURSOR = ConfiguredStream(STREAM, "append_dedup", ("key", "name", "at"), cursor=("at",))
WITHOUT_KEY = make_plan("upsert", model=CUSTOMERS, stream=BY_CURSOR)
OTHER_STREAM = make_plan("update", stream=ConfiguredStream(StreamKey("x", "y"), "append"))
GROUPS = Model(
    "a/b",
    dict.fromkeys(("name", "contact.id", "contact.email"), Field("string"))
    | {"term": Field("ref"), "contact": Field("ref"), "address": Field("group"), "tags": Field("list")},
)


def dedup_plan(operation="upsert", mode="append_dedup", **settings):
    stream = ConfiguredStream(STREAM, mode, (*COLUMNS, "at", "_ab_cdc_deleted_at"), cursor=("at",))
    return make_plan(operation, model=CUSTOMERS, stream=stream, **{"matching": BY_ID} | settings)


def write_of(plan, action, identity, at):
    row = Ledger([STREAM], lambda *_: None).receive(Record(1, STREAM, {}))
    return Write((row,), plan, action, identity, cursor=cursor_of(at))


def version(at=None, key="7", delete=False, plan=None, **body):
    action = Delete(key) if delete else Update(key, body, exact_json.encode_sorted(body))
    return write_of(plan or make_plan("update"), action, ("key", key), at)


def found_version(natural_key="C-1", operation="upsert", at=None, **body):
    body = {"id": natural_key, **body}
    action = Find((natural_key,), body, exact_json.encode_sorted(body), operation)
    return write_of(make_plan("upsert", matching=BY_ID), action, ("id", "c-1"), at)


def delivered(*writes, capacity=1_000_000):
    cursors = DeliveredCursors(capacity)
    for write in writes:
        write.outcome = Outcome.UPDATED
        cursors.remember([write])
    return cursors


@pytest.mark.parametrize(
    ("at", "later", "superseded"),
    [
        (2, 1, True),
        (2, 2, False),
        (1, 2, False),
        (Decimal("1.25"), 1, True),
        (10**30, 10**30 - 1, True),
        ("2026-03-02", "2026-03-01", True),
        ("b", "a", True),
        (2, None, False),
        (None, 1, False),
        (2, "2026-03-01", False),
    ],
)
def test_a_row_is_superseded_by_a_newer_one_that_was_delivered(at, later, superseded):
    assert delivered(version(at)).is_superseded(version(later)) is superseded


def superseded(cursors, *ats):
    return [cursors.is_superseded(version(at)) for at in ats]


def test_a_rejected_row_supersedes_none_and_a_delete_supersedes_and_is_superseded():
    newer, cursors = version(2), DeliveredCursors()
    newer.outcome = Outcome.REJECTED
    cursors.remember([newer])
    assert superseded(cursors, 1) == [False]
    assert superseded(delivered(version(2, delete=True)), 1) == [True]
    assert delivered(version(2)).is_superseded(version(1, delete=True))


def test_a_cursor_of_another_kind_or_none_leaves_the_one_that_is_remembered():
    cursors = delivered(version("9"), version("10"), version(7), version("2026-01-01"), version(None))
    assert superseded(cursors, "5", "08", 6, "2025-12-31") == [True, True, True, True]
    one = merged(version(at=2, name="A"), [version(name="B"), version(at="b", name="C"), version(at=3, name="D")])
    assert len(one.versions) == 4
    assert superseded(delivered(one), 3, 2, "a", "b", None) == [False, True, True, False, False]


@pytest.mark.parametrize(
    ("newer", "other"),
    [
        (version(2), version(1, key="8")),
        (version(2), version(1, plan=OTHER_STREAM)),
        # Ids that differ by case may be two records.
        (found_version("C-1", at=2), found_version("c-1", at=1)),
    ],
)
def test_what_is_remembered_is_of_one_record_of_one_stream(newer, other):
    assert not delivered(newer).is_superseded(other)


@pytest.mark.parametrize(("capacity", "most_bytes"), [(20, 10**9), (1_000_000, 20 * (60 + 50))])
def test_between_half_of_the_capacity_in_records_and_bytes_and_all_of_it_is_remembered(
    capacity, most_bytes, monkeypatch
):
    monkeypatch.setattr("destination_sage_intacct.delivery.versions._MOST_BYTES", most_bytes)
    cursors = delivered(*(version(f"2{'x' * 49}", key=str(number)) for number in range(99)), capacity=capacity)
    remembered = [number for number in range(99) if cursors.is_superseded(version(f"1{'x' * 49}", key=str(number)))]
    assert remembered == list(range(80, 99))


@pytest.mark.parametrize(
    ("first", "later", "both"),
    [
        ({"name": "A"}, {"name": "B"}, {"name": "B"}),
        ({"name": "A"}, {"note": "B"}, {"name": "A", "note": "B"}),
        ({"name": "A"}, {"name": None}, {"name": None}),
        ({"name": None}, {"name": "B"}, {"name": "B"}),
        ({"term": {"id": "N30"}}, {"term": {"id": "N60"}}, {"term": {"id": "N60"}}),
        ({"term": {"id": "N30"}}, {"term": {"key": "3"}}, {"term": {"key": "3"}}),
        ({"term": {"id": "N30"}}, {"term": None}, {"term": None}),
        ({"term": None}, {"term": {"key": "3"}}, {"term": {"key": "3"}}),
        # A reference that has fields of its own keeps them when it only gets another name.
        ({"contact": None}, {"contact": {"id": "AMoore"}}, None),
        ({"address": {"city": "X"}}, {"address": {"zip": "1"}}, {"address": {"city": "X", "zip": "1"}}),
        ({"address": {"city": "X"}}, {"address": {"city": "Y", "zip": "1"}}, {"address": {"city": "Y", "zip": "1"}}),
        ({"other": {"a": 1}}, {"other": {"a": 2}}, {"other": {"a": 2}}),
        ({"tags": ["a", "b"]}, {"tags": ["c"]}, {"tags": ["c"]}),
        # What the record would hold is not sure.
        ({"address": None}, {"address": {"city": "X"}}, None),
        ({"other": {"a": 1}}, {"other": {"b": 2}}, None),
        ({"contact": {"email": "x"}}, {"contact": {"phone": "1"}}, None),
        ({"address": {"other": {"a": 1}}}, {"address": {"other": {"b": 1}}}, None),
    ],
)
def test_one_body_does_what_two_would_one_after_the_other(first, later, both):
    assert overlaid(first, later, GROUPS) == both


def test_versions_that_wait_together_become_one_write():
    first, second, third = (version(name=name) for name in "ABC")
    one = merged(first, [second, third])
    assert (one.versions, one.identity) == ((first, second, third), first.identity)
    assert one.action == Update("7", {"name": "C"}, b'{"name":"C"}')
    assert one.rows == (*first.rows, *second.rows, *third.rows)


@pytest.mark.parametrize(
    "stranger",
    [
        version(delete=True),
        version(status="inactive"),
        version(lines=[{"txnAmount": "1.00"}]),
        version(lines=[]),
        found_version(),
        version(plan=make_plan("update").in_entity("100"), name="C"),
        version(at=1, name="C"),
    ],
)
def test_what_is_not_sure_to_come_to_the_same_waits_for_its_turn(stranger):
    first, second, last = version(at=2, name="A"), version(at=3, name="B"), version(at=4, name="D")
    assert merged(first, [second, stranger, last]).versions == (first, second)
    assert merged(stranger, [first]) is stranger or merged(stranger, [first]).versions == (stranger, first)


@pytest.mark.parametrize("operation", ["insert", "deactivate", "delete"])
def test_only_updates_and_upserts_by_keys_of_one_spelling_are_merged(operation):
    first, upsert = found_version(operation=operation, name="A"), found_version("C-1", name="A")
    assert merged(first, [found_version(operation=operation, name="B")]) is first
    assert merged(upsert, [found_version("c-1", name="B")]) is upsert


@pytest.mark.parametrize(
    ("first", "later", "joined"),
    [
        ({"name": "A", "notes": "x"}, {"name": "B", "notes": "y"}, True),
        ({"name": "A"}, {"name": "B", "notes": "y"}, True),
        ({"name": "A"}, {"notes": "y"}, True),
        ({"name": "A", "notes": "x"}, {"name": "A"}, True),
        # The first may be refused for its name, and then its notes must not arrive.
        ({"name": "A", "notes": "x"}, {"name": "B"}, False),
        ({"name": "A", "notes": "x"}, {"name": "B", "taxId": "1"}, False),
    ],
)
def test_no_part_of_a_row_lands_whose_other_part_was_never_judged(first, later, joined):
    assert bool(merged(version(**first), [version(**later)]).versions) is joined


@pytest.mark.parametrize(
    ("bodies", "outcome", "record", "each"),
    [
        ([{"name": "A"}, {"name": "A"}, {"name": "B"}], Outcome.CREATED, None, "created unchanged updated"),
        ([{"name": "A"}, {"name": "B"}, {"name": "B"}], Outcome.UPDATED, {"name": "x"}, "updated updated unchanged"),
        ([{"name": "A"}, {"name": "B"}], Outcome.UPDATED, {"name": "A"}, "unchanged updated"),
        ([{"name": "A"}, {"name": "B"}], Outcome.UPDATED, None, "updated updated"),
        ([{"name": "A"}, {"name": "B"}], Outcome.UNCHANGED, {"name": "B"}, "updated updated"),
        ([{"name": "A"}, {"name": "B"}], Outcome.UNCHANGED, None, "updated updated"),
        ([{"name": "B"}, {"name": "B"}], Outcome.UNCHANGED, None, "unchanged unchanged"),
        ([{"name": "A"}, {"taxId": "1"}, {"name": "A"}], Outcome.UPDATED, {}, "updated updated unchanged"),
        ([{"tags": ["a"]}, {"tags": ["a"]}], Outcome.UPDATED, {}, "updated unchanged"),
        ([{"tags": ["a"]}, {"tags": ["a"]}], Outcome.UNCHANGED, {}, "unchanged unchanged"),
        # Made active again, though no row says so.
        ([{"name": "A"}, {"name": "A"}], Outcome.UPDATED, {"name": "A"}, "updated unchanged"),
    ],
)
def test_each_version_has_an_outcome_of_its_own(bodies, outcome, record, each):
    one = merged(version(**bodies[0]), [version(**body) for body in bodies[1:]])
    one.record = record
    assert [str(own) for _, own in outcomes(one, outcome)] == each.split()


_ADDRESS = st.dictionaries(st.sampled_from(["city", "zip"]), st.sampled_from([None, "X", "Y"]), min_size=1)
_TERM = st.sampled_from([None, {"id": "1"}, {"id": "2"}, {"key": "1"}])
_NAME = st.sampled_from([None, "A", "B"])
_BODIES = st.fixed_dictionaries({}, optional={"name": _NAME, "term": _TERM, "address": _ADDRESS})


@given(_BODIES, st.lists(_BODIES, min_size=1, max_size=6))
def test_a_merged_body_leaves_what_its_parts_leave(before, bodies):
    """Against a model of what PATCH does: groups are merged, references replaced."""

    def patched(record, body):
        made = dict(record)
        for name, value in body.items():
            made[name] = {**(record.get(name) or {}), **value} if name == "address" else value
        return made

    one = bodies[0]
    for body in bodies[1:]:
        one = overlaid(one, body, GROUPS)
        assert one is not None
    assert patched(before, one) == functools.reduce(patched, bodies, before)


class Server:
    """Answers like a function, and keeps the bodies of the requests by their methods."""

    def __init__(self, answer):
        self.answer = answer
        self.bodies = defaultdict(list)

    def __call__(self, request):
        body = exact_json.decode(request.body or b"null")
        self.bodies[request.method].append(body)
        return self.answer(request, body)


def refuses_bad(request, body):
    return refused(422, "no") if body.get("name") == "bad" else changed(request.url.rsplit("/", 1)[1])


def row(at, name="x", key="C-1", **more):
    return {"id": key, "name": name, "at": at, **more}


def written(server, *batches, plan=None):
    """Write these rows, and wait after each batch of them until all are settled."""
    writing = Writing(server, plan or dedup_plan())
    for rows in batches:
        writing.write(*rows)
        writing.pipeline.finish()
    return writing


NEW, OLD = row(2, "new"), row(1, "old")
DELETED = OLD | {"_ab_cdc_deleted_at": "2026-03-01"}


@pytest.mark.parametrize(
    ("batches", "plan", "outcomes"),
    [
        ([[row("2026-03-02T00:00:00Z")], [row("2026-03-01T00:00:00Z")]], dedup_plan(), {"created": 1, "skipped": 1}),
        # Rows that wait behind a newer one, a deletion among them.
        ([[NEW, OLD, DELETED]], dedup_plan(on_source_delete="delete"), {"created": 1, "skipped": 2}),
        # A row without a cursor takes no older one with it.
        ([[row(5)], [row(None, "y"), row(3), row(4)]], dedup_plan(), {"created": 1, "updated": 1, "skipped": 2}),
        # In other modes the last row counts.
        ([[NEW, OLD]], dedup_plan(mode="append"), {"created": 1, "updated": 1}),
        ([[NEW, OLD]], dedup_plan(mode="update"), {"created": 1, "updated": 1}),
        # Rows that create without a key are no versions of each other.
        ([[{"name": "a", "at": 2}, {"name": "b", "at": 1}]], WITHOUT_KEY, {"created": 2}),
        # A version that could not create the record is rejected though a later one can.
        ([[{"id": "C-1", "taxId": "1", "at": 1}, NEW]], dedup_plan(), {"rejected": 1, "created": 1}),
    ],
)
def test_an_older_row_is_skipped_and_counted(batches, plan, outcomes):
    writing = written(takes_everything(), *batches, plan=plan)
    assert writing.outcomes == outcomes
    assert writing.pipeline.cost(STREAM).superseded == outcomes.get("skipped", 0)
    assert [rejection.field for _, rejection in writing.rejected] == ["name"] * outcomes.get("rejected", 0)


def test_an_older_row_is_written_when_the_newer_one_was_rejected():
    server = ScriptedTransport(found(), refused(400, "no"), found(), created_batch(1))
    assert written(server, [NEW, OLD]).outcomes == {Outcome.REJECTED: 1, Outcome.CREATED: 1}


def test_many_versions_of_one_record_cost_one_write():
    server = Server(lambda request, _: takes_everything()(request))
    writing = written(server, [row(at, f"name {at}", key=f"C-{number}") for at in range(5) for number in range(40)])
    *_queries, created = server.bodies["POST"]
    assert {each["name"] for each in created} == {"name 4"}
    assert not server.bodies["PATCH"]
    assert writing.outcomes == {Outcome.CREATED: 40, Outcome.UPDATED: 160}


def test_versions_whose_one_write_is_rejected_are_written_singly_in_their_order():
    server, bad = Server(refuses_bad), {"name": "bad", "taxId": "1"}
    rows = [{"key": "7", "name": "A"}, {"key": "7", "taxId": "1"}, {"key": "7", **bad}]
    writing = written(server, rows, plan=stream_plan("update"))
    assert server.bodies["PATCH"] == [bad, {"name": "A"}, {"taxId": "1"}, bad]
    assert writing.outcomes == {Outcome.UPDATED: 2, Outcome.REJECTED: 1}
    assert [each.data for each, _ in writing.rejected] == [rows[2]]


def writes_meanwhile(is_time, late):
    """A pipeline to which `late` is written while a request is answered, when it is time for it; and its server."""

    def answer(request, body):
        if is_time(server, body):
            writing.write(late)
        return refuses_bad(request, body)

    server = Server(answer)
    writing = Writing(server, stream_plan("update"))
    return writing, server


def test_rows_that_come_while_the_versions_go_singly_wait_behind_them():
    writing, server = writes_meanwhile(lambda server, _: len(server.bodies["PATCH"]) == 1, {"key": "7", "name": "last"})
    writing.write({"key": "7", "name": "A"}, {"key": "7", "name": "bad"})
    writing.pipeline.finish()
    assert [body["name"] for body in server.bodies["PATCH"]] == ["bad", "A", "bad", "last"]
    assert writing.outcomes == {Outcome.UPDATED: 2, Outcome.REJECTED: 1}


def test_what_is_wrong_with_the_record_itself_is_said_of_each_version_at_once():
    two = found({"key": "1", "id": "C-1"}, {"key": "2", "id": "C-1"})
    writing = written(ScriptedTransport(two), [row(at, f"name {at}") for at in range(5)])
    assert writing.outcomes == {Outcome.REJECTED: 5}
    assert {rejection.code for _, rejection in writing.rejected} == {"ambiguous_natural_key"}


def test_a_write_whose_turn_comes_goes_out_at_once():
    writing, server = writes_meanwhile(lambda _, body: body["name"] == "A", {"key": "7", "name": "B"})
    writing.write({"key": "7", "name": "A"})
    writing.pause()
    writing.settle()
    writing.write({"key": "8"})
    writing.settle()
    assert server.bodies["PATCH"] == [{"name": "A"}, {"name": "B"}]


def test_a_million_records_are_remembered_within_64_mb():
    """Scaled to a fiftieth; SQLite says itself what it holds, and nothing else grows."""
    cursors, write = DeliveredCursors(20_000), version("2026-03-02T00:00:00.123Z")
    write.outcome = Outcome.UPDATED
    for number in range(40_000):
        write.asked = Update(str(number), {}, b"{}")
        cursors.remember([write])
    ((pages,),) = cursors._table.execute("PRAGMA page_count")  # noqa: SLF001
    ((size,),) = cursors._table.execute("PRAGMA page_size")  # noqa: SLF001
    assert pages * size < 64_000_000 / 50
