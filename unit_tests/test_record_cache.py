import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from destination_sage_intacct.delivery.lookup import CachedRecord, RecordCache

A, B, C = (CachedRecord(key, (key,), key.encode()) for key in "123")


def test_what_was_written_last_is_known_until_it_is_forgotten():
    known = RecordCache()
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


def test_with_no_capacity_nothing_is_known():
    known = RecordCache(capacity=0)
    known.put("a", A)
    assert known.get("a") is None


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
