"""What keeps two writes to one record apart, and what is remembered of the records that were written."""

import contextlib
import sys
import threading
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor

import pytest
from fakes import make_plan
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.config import MatchByFields
from destination_sage_intacct.delivery.actions import Create, Find, Update, Write, identity_of
from destination_sage_intacct.delivery.locks import RecordLocks, RecordQueue
from destination_sage_intacct.delivery.lookup import CachedRecord, RecordCache
from destination_sage_intacct.intacct.model import Model
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.protocol.ledger import Ledger
from destination_sage_intacct.protocol.messages import Record, StreamKey

STREAM = StreamKey(None, "customers")
PATH = "accounts-receivable/customer"
BY_ID = MatchByFields(("id",))
OPEN_PLAN = make_plan(
    "upsert", model=Model("a/b", is_open=True), object_type="Custom object", custom_object_path="a/b", matching=BY_ID
)
BY_NAME = make_plan("upsert", matching=MatchByFields(("name", "taxId")))
DOCUMENTS = ("Invoice", "Bill", "Journal Entry")
PLAN = make_plan()


def write_of(identity, number=1):
    row = Ledger([STREAM], lambda *_: None).receive(Record(number, STREAM, {}))
    return Write((row,), PLAN, Update("1", {}, b"{}"), identity)


@pytest.mark.parametrize(
    ("plan", "action", "identity"),
    [
        (make_plan("upsert"), Update("34", {}, b""), (PATH, "key", "34")),
        # A record that is created with its id is the one that is matched by it.
        (make_plan("insert"), Create({"id": " C-1 "}, b""), (PATH, "id", "c-1")),
        (make_plan("upsert", matching=BY_ID), Find(("C-1 ",), {}, b"", "upsert"), (PATH, "id", "c-1")),
        (OPEN_PLAN, Find(("C-1",), {}, b"", "upsert"), ("a/b", "id", "c-1")),
        (BY_NAME, Find(("Straße", "T"), {}, b"", "upsert"), (PATH, "name", "taxId", "strasse", "t")),
        *((make_plan("upsert"), Create(body, b""), None) for body in ({"name": "x"}, {"id": "  "}, {"id": 7})),
        # Sage Intacct would take a second document of the same id.
        *((make_plan("insert", object_type=label), Create({"id": "C-1"}, b""), None) for label in DOCUMENTS),
    ],
)
def test_what_a_row_says_of_its_record(plan: StreamPlan, action, identity):
    assert identity_of(plan, action) == identity


def test_rows_about_other_records_or_about_none_that_is_known_never_wait():
    queue = RecordQueue()
    assert all(queue.enter(write_of(identity)) for identity in ("a", "b", None, None))
    queue.leave(write_of(None))
    assert queue.waiting == 0


@given(st.lists(st.sampled_from("abc"), max_size=30), st.randoms())
def test_no_two_rows_of_one_record_are_under_way_together_and_none_is_lost(identities, chance):
    queue = RecordQueue()
    under_way, done = [], defaultdict(list)

    def end_one():
        left = under_way.pop(chance.randrange(len(under_way)))
        done[left.identity].append(left.rows[0].line)
        queue.leave(left)
        under_way.extend(queue.freed())

    for number, identity in enumerate(identities):
        row = write_of(identity, number)
        if queue.enter(row):
            under_way.append(row)
        while under_way and chance.random() < 0.4:
            end_one()
        assert max(Counter(each.identity for each in under_way).values(), default=0) <= 1
    while under_way:
        end_one()

    assert [lines for lines in done.values() if lines != sorted(lines)] == []
    assert sorted(line for lines in done.values() for line in lines) == list(range(len(identities)))
    assert (queue.waiting, queue.has_freed) == (0, False)


def test_record_keys_that_are_being_written_are_waited_for_and_free_again_after_a_failure():
    locks, entered, second_is_in = RecordLocks(), threading.Event(), threading.Event()

    def second():
        entered.set()
        with locks.held(PATH, ["2", "3"]):
            second_is_in.set()

    thread = threading.Thread(target=second)
    with contextlib.suppress(ZeroDivisionError), locks.held(PATH, ["1", "2"]):
        thread.start()
        entered.wait()
        with locks.held(PATH, ["4"]), locks.held("accounts-payable/vendor", ["2"]):
            assert not second_is_in.is_set()
        raise ZeroDivisionError
    thread.join(10)
    assert second_is_in.is_set()


def test_threads_that_claim_crosswise_never_wait_for_each_other_and_never_share_a_key():
    locks, held, lock, most = RecordLocks(), Counter(), threading.Lock(), []

    def write(keys):
        for _ in range(200):
            with locks.held(PATH, keys):
                with lock:
                    held.update(keys)
                    most.append(max(held.values()))
                with lock:
                    held.subtract(keys)

    threads = [threading.Thread(target=write, args=(keys,), daemon=True) for keys in ("12", "21", "23", "31")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert max(most) == 1


A, B, C = (CachedRecord(key, (key,), key.encode()) for key in "123")


def test_what_was_written_last_is_known_until_it_is_forgotten_and_nothing_without_capacity():
    known, none = RecordCache(), RecordCache(capacity=0)
    none.put("a", A)
    assert none.get("a") is None
    known.put(("c-1", "100"), A)
    known.put(("c-1", "100"), B)
    assert (known.get(("c-1", "100")), known.get(("c-1",))) == (B, None)
    known.forget(("c-1", "100"))
    known.forget("never known")
    assert known.get(("c-1", "100")) is None


@pytest.mark.parametrize(
    ("use", "left"),
    [(lambda known: known.get("a"), [A, None, C]), (lambda known: known.put("a", C), [C, None, C])],
    ids=["get", "put"],
)
def test_the_record_least_recently_used_is_forgotten(use, left):
    known = RecordCache(capacity=2)
    known.put("a", A)
    known.put("b", B)
    use(known)
    known.put("c", C)
    assert [known.get(name) for name in "abc"] == left


@pytest.fixture
def switching_all_the_time():
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("switching_all_the_time")
def test_threads_that_share_it_never_exceed_its_capacity_or_see_anothers_record():
    known = RecordCache(capacity=10)

    def use(thread):
        for number in range(2_000):
            identity = (thread + number) % 30
            known.put(identity, CachedRecord(str(identity), (), b""))
            record = known.get(identity)
            assert record is None or record.key == str(identity)
            known.forget((identity + 1) % 30)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(8)))
    assert sum(known.get(identity) is not None for identity in range(30)) <= 10
