import threading
from collections import Counter, defaultdict

import pytest
from fakes import make_plan
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.config import MatchByFields
from destination_sage_intacct.delivery.actions import Create, Match, Update
from destination_sage_intacct.delivery.locks import Pending, RecordLocks, RecordQueue, identity_of, unique_id
from destination_sage_intacct.intacct.model import Model
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.protocol.ledger import Ledger
from destination_sage_intacct.protocol.messages import Record, StreamKey

STREAM = StreamKey(None, "customers")
PATH = "accounts-receivable/customer"
OPEN = Model("a/b", is_open=True)
BY_ID = MatchByFields(("id",))
BY_NAME_AND_TAX = MatchByFields(("name", "taxId"))


def pending(identity, number=1):
    row = Ledger([STREAM], lambda *_: None).receive(Record(number, STREAM, {}))
    return Pending(row, Update("1", {}, b"{}"), identity)


def create(**body):
    return Create(body, b"")


@pytest.mark.parametrize(
    ("plan", "intent", "identity"),
    [
        (make_plan("upsert"), Update("34", {}, b""), (PATH, "key", "34")),
        (make_plan("upsert"), create(id=" C-1 "), (PATH, "id", "c-1")),
        (make_plan("upsert"), create(name="x"), None),
        (make_plan("upsert"), create(id="  "), None),
        (make_plan("upsert"), create(id=7), None),
        (make_plan("insert", object_type="Invoice"), create(id="C-1"), None),
        (make_plan("upsert", matching=BY_ID), Match(("C-1 ",), {}, b"", "upsert"), (PATH, "id", "c-1")),
        (
            make_plan("upsert", model=OPEN, object_type="Custom object", custom_object_path="a/b", matching=BY_ID),
            Match(("C-1",), {}, b"", "upsert"),
            ("a/b", "", "id", "c-1"),
        ),
        (
            make_plan("upsert", matching=BY_NAME_AND_TAX),
            Match(("Straße", "T"), {}, b"", "upsert"),
            (PATH, "", "name", "taxId", "strasse", "t"),
        ),
    ],
)
def test_what_a_row_tells_of_its_record(plan: StreamPlan, intent, identity):
    assert identity_of(plan, intent) == identity


def test_a_record_created_with_its_id_and_one_matched_by_it_are_the_same():
    by_key, by_id = make_plan("insert"), make_plan("upsert", matching=BY_ID)

    assert identity_of(by_key, create(id="C-1")) == identity_of(by_id, Match(("c-1",), {}, b"", "upsert"))


@pytest.mark.parametrize("label", ["Invoice", "Bill", "Journal Entry"])
def test_a_document_has_no_id_that_would_be_refused_a_second_time(label):
    assert unique_id(make_plan("insert", object_type=label), {"id": "1"}) is None


def test_rows_about_one_record_take_turns_in_the_order_of_the_rows():
    order = RecordQueue()
    rows = [pending("a", number) for number in range(3)]

    assert [order.enter(row) for row in rows] == [True, False, False]
    assert (order.waiting, order.has_freed, list(order.freed())) == (2, False, [])

    order.leave(rows[0])
    assert (order.waiting, order.has_freed) == (1, True)
    assert list(order.freed()) == [rows[1]]
    assert not order.has_freed
    late = pending("a", 4)
    assert not order.enter(late)

    order.leave(rows[1])
    assert list(order.freed()) == [rows[2]]
    order.leave(rows[2])
    assert list(order.freed()) == [late]
    order.leave(late)
    assert order.enter(pending("a"))


def test_rows_about_other_records_or_about_none_that_is_known_never_wait():
    order = RecordQueue()

    assert all(order.enter(pending(identity)) for identity in ("a", "b", None, None))
    order.leave(pending(None))
    assert order.waiting == 0


@given(st.lists(st.sampled_from("abc"), max_size=30), st.randoms())
def test_no_two_rows_of_one_record_are_under_way_together_and_none_is_lost(identities, chance):
    order = RecordQueue()
    under_way, done = [], defaultdict(list)
    for number, identity in enumerate(identities):
        row = pending(identity, number)
        if order.enter(row):
            under_way.append(row)
        while under_way and chance.random() < 0.4:
            left = under_way.pop(chance.randrange(len(under_way)))
            done[left.identity].append(left.row.line)
            order.leave(left)
            under_way += order.freed()
        assert max(Counter(each.identity for each in under_way).values(), default=0) <= 1
    while under_way:
        left = under_way.pop()
        done[left.identity].append(left.row.line)
        order.leave(left)
        under_way += order.freed()

    assert {identity: lines for identity, lines in done.items() if lines != sorted(lines)} == {}
    assert sorted(line for lines in done.values() for line in lines) == list(range(len(identities)))
    assert (order.waiting, order.has_freed) == (0, False)


def test_record_keys_that_are_being_written_are_waited_for():
    claims, entered, second_is_in = RecordLocks(), threading.Event(), threading.Event()

    def second():
        entered.set()
        with claims.held(PATH, ["2", "3"]):
            second_is_in.set()

    with claims.held(PATH, ["1", "2"]):
        thread = threading.Thread(target=second)
        thread.start()
        entered.wait()
        with claims.held(PATH, ["4"]), claims.held("accounts-payable/vendor", ["2"]):
            assert not second_is_in.is_set()
    thread.join(10)

    assert second_is_in.is_set()


def test_record_keys_are_free_again_after_a_failure():
    claims = RecordLocks()

    with pytest.raises(RuntimeError), claims.held(PATH, ["1"]):
        raise RuntimeError
    with claims.held(PATH, ["1"]):
        pass


def test_threads_that_claim_crosswise_never_wait_for_each_other_and_never_share_a_key():
    claims, held, lock, most = RecordLocks(), Counter(), threading.Lock(), []

    def write(keys):
        for _ in range(200):
            with claims.held(PATH, keys):
                with lock:
                    held.update(keys)
                    most.append(max(held.values()))
                with lock:
                    held.subtract(keys)

    threads = [
        threading.Thread(target=write, args=(keys,)) for keys in (["1", "2"], ["2", "1"], ["2", "3"], ["3", "1"])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert not any(thread.is_alive() for thread in threads)
    assert max(most) == 1
