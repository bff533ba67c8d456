import time

import pytest
from fakes import in_threads

from destination_sage_intacct.intacct.clock import StoppedError, SystemClock


def test_time_is_the_machines():
    clock = SystemClock()
    clock.sleep(0.001)
    assert clock.now() == pytest.approx(time.time(), abs=5)
    assert clock.monotonic() <= clock.monotonic()
    assert not clock.stopped


def test_a_stop_ends_a_wait_that_has_begun_and_lets_none_begin():
    clock, ended = SystemClock(), []

    def wait():
        with pytest.raises(StoppedError):
            clock.sleep(60)
        ended.append(clock.stopped)

    in_threads(wait, clock.stop)
    wait()
    assert ended == [True, True]
