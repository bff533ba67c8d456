import sys

import pytest
from fakes import FakeClock, in_threads

from destination_sage_intacct.intacct.auth import Grant, RenewedTokens
from destination_sage_intacct.intacct.errors import OutageError


class Signing:
    """Grants `token-1`, `token-2` …, each for a given time; signing in takes as long as is said."""

    def __init__(self, clock, lifetime=43_200.0, takes=0.0):
        self._clock, self._lifetime, self._takes = clock, lifetime, takes
        self.grants = 0

    def __call__(self):
        self.grants += 1
        self._clock.time += self._takes
        return Grant(f"token-{self.grants}", "", self._lifetime)


@pytest.mark.parametrize(("given", "first", "grants"), [("", "token-1", 1), ("given", "given", 0)])
def test_a_token_is_asked_for_when_it_is_needed_and_kept_until_it_is_refused(given, first, grants):
    signing = Signing(FakeClock())
    tokens = RenewedTokens(signing, FakeClock(), given)
    assert signing.grants == 0

    assert [tokens.current(), tokens.current()] == [first, first]
    assert signing.grants == grants
    assert tokens.renew(first) == tokens.current() == f"token-{grants + 1}"


@pytest.mark.parametrize(("lifetime", "takes", "kept"), [(43_200, 0, 42_900), (600, 0, 450), (1_000, 100, 650)])
def test_a_token_is_renewed_before_it_expires_and_the_time_that_signing_in_took_counts(lifetime, takes, kept):
    clock = FakeClock()
    tokens = RenewedTokens(Signing(clock, lifetime, takes), clock)
    shown = [tokens.current()]
    for seconds in (kept - 1, 1):
        clock.time += seconds
        shown.append(tokens.current())

    assert shown == ["token-1", "token-1", "token-2"]


def test_one_thread_renews_for_all_that_wait():
    before = sys.getswitchinterval()
    signing, got = Signing(FakeClock()), []
    tokens = RenewedTokens(signing, FakeClock())
    old = tokens.current()
    sys.setswitchinterval(1e-6)
    try:
        in_threads(*[lambda: got.append(tokens.renew(old))] * 16)
    finally:
        sys.setswitchinterval(before)

    assert (got, signing.grants) == (["token-2"] * 16, 2)


def test_a_failed_renewal_is_tried_again_by_the_next_who_asks():
    steps = iter([OutageError("down"), Grant("token-1")])

    def sign_in():
        step = next(steps)
        if isinstance(step, Exception):
            raise step
        return step

    tokens = RenewedTokens(sign_in, FakeClock())

    with pytest.raises(OutageError):
        tokens.current()
    assert tokens.current() == "token-1"


def test_a_grant_never_shows_its_tokens():
    assert "secret" not in repr(Grant("secret-access", "secret-refresh"))
