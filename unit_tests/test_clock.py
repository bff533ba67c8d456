import time

import pytest
from fakes import in_threads

from destination_sage_intacct.intacct.clock import StoppedError, SystemClock


def test_time_is_the_machines():
    clock = SystemClock()

    assert clock.now() == pytest.approx(time.time(), abs=5)
    assert clock.monotonic() <= clock.monotonic()
    clock.sleep(0.001)
    assert not clock.stopped


def test_a_stop_ends_a_wait_that_has_begun():
    clock = SystemClock()
    ended = []

    def wait():
        with pytest.raises(StoppedError):
            clock.sleep(60)
        ended.append(True)

    in_threads(wait, clock.stop)

    assert ended == [True]


def test_after_a_stop_nobody_waits():
    clock = SystemClock()
    clock.stop()

    assert clock.stopped
    with pytest.raises(StoppedError):
        clock.sleep(60)
