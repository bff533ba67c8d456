import math
from email.utils import formatdate

import pytest
from fakes import NOON, changed, created, refused, replayed
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.intacct.classify import (
    Answer,
    Classification,
    NoResponse,
    backoff_seconds,
    classify,
    idempotency_conflict,
    wait_seconds,
)
from destination_sage_intacct.intacct.errors import SageError

KEY_RUNNING = "Another request with the same idempotency key is being processed"
KEY_EXPIRED = "The idempotency key has already been used and its cached response has expired"
KEY_MISMATCH = "The idempotency key was used with a different payload"

WAIT_HEADERS = (
    "retry-after",
    "x-ia-throttle-limit-retry-after",
    "x-ia-throttle-limit-retryafter",
    "x-ia-tenant-throttle-limit-retry-after",
    "x-ia-hour-rate-limit-retry-after",
)


@pytest.mark.parametrize(
    ("attempt", "meaning"),
    [
        (NoResponse(may_have_been_sent=False, reason="the host refused the connection"), Classification.NOT_SENT),
        (NoResponse(may_have_been_sent=True, reason="no answer within 120 seconds"), Classification.UNKNOWN),
        (refused(429, "API rate limit exceeded", "GW-0010"), Classification.THROTTLED),
        (Answer(429, readable=False), Classification.THROTTLED),
        (refused(503, "busy", retry_after="5"), Classification.THROTTLED),
        (refused(503, "busy"), Classification.UNKNOWN),
        (refused(401, "Token is not valid", "tokenInvalid", "REST-2102"), Classification.TOKEN),
        (Answer(401, payload={"ia::error": {"code": "GW-0040", "message": "Expired token"}}), Classification.TOKEN),
        (Answer(401), Classification.TOKEN),
        (Answer(401, readable=False), Classification.TOKEN),
        (refused(400, "The token is not valid", error_id="REST-1206"), Classification.TOKEN),
        (refused(400, "no", error_id="REST-1043"), Classification.ANSWERED),
        (refused(403, "Forbidden", "GW-0042"), Classification.ANSWERED),
        (refused(404, "no", "notFound"), Classification.ANSWERED),
        (refused(405, "no"), Classification.ANSWERED),
        (refused(409, "Another record with the value exists"), Classification.ANSWERED),
        (refused(409, KEY_RUNNING), Classification.RUNNING),
        (refused(409, "The record is locked by another process"), Classification.LOCKED),
        (refused(409, "This record is being edited by another user"), Classification.LOCKED),
        (refused(422, "The period is locked"), Classification.ANSWERED),
        (refused(409, KEY_EXPIRED), Classification.ANSWERED),
        (refused(409, KEY_MISMATCH), Classification.ANSWERED),
        (refused(413, "too large"), Classification.ANSWERED),
        (refused(422, "no"), Classification.ANSWERED),
        (Answer(400, readable=False), Classification.ANSWERED),
        (Answer(408), Classification.UNKNOWN),
        (refused(500, "Internal error"), Classification.UNKNOWN),
        (Answer(502, readable=False), Classification.UNKNOWN),
        (Answer(504), Classification.UNKNOWN),
        (Answer(524), Classification.UNKNOWN),
        (Answer(302, {"location": "https://elsewhere"}), Classification.UNKNOWN),
        (Answer(200, readable=False), Classification.UNKNOWN),
        (created(), Classification.ANSWERED),
        (changed(), Classification.ANSWERED),
        (Answer(204), Classification.ANSWERED),
        (Answer(207, payload={"ia::result": []}), Classification.ANSWERED),
        (replayed(created()), Classification.ANSWERED),
        (replayed(refused(500, "Internal error")), Classification.ANSWERED),
        (replayed(refused(429, "API rate limit exceeded")), Classification.ANSWERED),
        (replayed(Answer(201, readable=False)), Classification.UNKNOWN),
    ],
)
def test_what_an_attempt_means(attempt, meaning):
    assert classify(attempt) is meaning


def holds_two(payload):
    return len(payload["ia::result"]) == 2


def listed(*items, status=207, **headers):
    return Answer(status, headers, {"ia::result": list(items)})


@pytest.mark.parametrize(
    ("attempt", "meaning"),
    [
        (listed(1, 2), Classification.ANSWERED),
        (listed(1, 2, status=200), Classification.ANSWERED),
        (listed(1), Classification.UNKNOWN),
        (listed(1, 2, 3), Classification.UNKNOWN),
        (listed(1, status=201), Classification.UNKNOWN),
        (replayed(listed(1)), Classification.UNKNOWN),
        (replayed(listed(1, 2)), Classification.ANSWERED),
    ],
)
def test_a_success_that_does_not_hold_all_that_was_asked_for_leaves_the_rest_unknown(attempt, meaning):
    assert classify(attempt, holds_two) is meaning


@pytest.mark.parametrize(
    "attempt",
    [
        refused(422, "no"),
        refused(400, "no"),
        refused(404, "no", "notFound"),
        Answer(400, readable=False),
        Answer(404, payload={}),
        Answer(200, payload={"ia::result": {"ia::error": {"code": "notFound", "message": "no"}}}),
    ],
)
def test_of_an_error_it_is_not_asked_whether_it_is_whole(attempt):
    assert classify(attempt, lambda _payload: False) is Classification.ANSWERED


@pytest.mark.parametrize(
    ("attempt", "meaning"),
    [
        (refused(429, "API rate limit exceeded"), Classification.THROTTLED),
        (Answer(401), Classification.TOKEN),
        (refused(409, KEY_RUNNING), Classification.RUNNING),
        (NoResponse(may_have_been_sent=False, reason="the host refused the connection"), Classification.NOT_SENT),
        (Answer(502, readable=False), Classification.UNKNOWN),
    ],
)
def test_what_is_no_success_means_the_same_whatever_was_asked_for(attempt, meaning):
    assert classify(attempt, lambda _payload: False) is meaning


@pytest.mark.parametrize("header", WAIT_HEADERS)
def test_a_503_with_any_throttle_header_was_not_processed(header):
    assert classify(Answer(503, {header: "1"})) is Classification.THROTTLED


def test_an_answer_of_success_that_holds_an_error_is_one():
    answer = Answer(200, payload={"ia::result": {"ia::error": {"code": "notFound", "message": "no"}}})

    assert answer.error == SageError("no", 200, "notFound")


def test_a_failure_without_words_is_an_error_all_the_same():
    assert Answer(502, readable=False).error == SageError("HTTP 502 without an explanation", 502)
    assert Answer(404, payload={}).error == SageError("HTTP 404 without an explanation", 404)


def test_a_success_without_a_body_is_no_error():
    assert Answer(204).error is None


@pytest.mark.parametrize(
    ("answer", "conflict"),
    [
        (refused(409, KEY_RUNNING), "running"),
        (refused(409, "Idempotency-Key: something nobody has seen yet"), "running"),
        (refused(409, "conflict", "idempotencyConflict"), "running"),
        (refused(409, KEY_EXPIRED), "expired"),
        (refused(409, "The response stored for this idempotency key is no longer available"), "expired"),
        (refused(409, "The idempotency key is older than 48 hours"), "expired"),
        (refused(409, KEY_MISMATCH), "mismatch"),
        (refused(409, "The request does not match the idempotency key"), "mismatch"),
        (refused(409, "Another record with the value C1 already exists"), None),
        (refused(422, KEY_RUNNING), None),
        (Answer(409), None),
        (created(), None),
    ],
)
def test_what_a_conflict_about_the_idempotency_key_means(answer, conflict):
    assert idempotency_conflict(answer) == conflict


@pytest.mark.parametrize("header", WAIT_HEADERS)
@pytest.mark.parametrize(("value", "seconds"), [("7", 7.0), ("0", 0.0), ("1.5", 1.5)])
def test_a_wait_in_seconds_is_read_from_each_header(header, value, seconds):
    assert wait_seconds({header: value}, NOON) == seconds


@pytest.mark.parametrize("header", WAIT_HEADERS)
def test_a_wait_until_a_date_is_read_from_each_header(header):
    assert wait_seconds({header: formatdate(NOON + 30, usegmt=True)}, NOON) == 30.0


def test_a_wait_until_a_moment_in_seconds_since_1970_is_read():
    assert wait_seconds({"retry-after": str(int(NOON + 30))}, NOON) == 30.0


def test_a_moment_that_has_passed_is_no_wait():
    assert wait_seconds({"retry-after": formatdate(NOON - 30, usegmt=True)}, NOON) == 0.0
    assert wait_seconds({"retry-after": str(int(NOON - 30))}, NOON) == 0.0


def test_of_several_waits_the_longest_counts():
    headers = {"retry-after": "2", "x-ia-tenant-throttle-limit-retry-after": "9", "x-ia-throttle-limit": "6"}

    assert wait_seconds(headers, NOON) == 9.0


@pytest.mark.parametrize("value", ["", "soon", "-1", "nan", "Sun, 99 Nov 2026 10:00:00 GMT"])
def test_a_wait_that_cannot_be_read_is_none(value):
    assert wait_seconds({"retry-after": value}, NOON) is None
    assert wait_seconds({"retry-after": value, "x-ia-throttle-limit-retry-after": "3"}, NOON) == 3.0


def test_no_header_says_nothing():
    assert wait_seconds({}, NOON) is None


@given(st.text(max_size=30))
def test_no_header_breaks_the_sync(value):
    seconds = wait_seconds({"retry-after": value}, NOON)

    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    ("retry", "longest"), [(0, 1), (1, 2), (2, 4), (3, 8), (4, 16), (5, 32), (6, 60), (7, 60), (100_000, 60)]
)
def test_the_pause_doubles_up_to_a_minute(retry, longest):
    assert backoff_seconds(retry, 0.0) == longest
    assert backoff_seconds(retry, 0.5) == longest * 0.75


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_the_pause_is_shortened_by_no_more_than_half(retry, chance):
    longest = min(60.0, 2.0 ** min(retry, 6))

    assert longest / 2 <= backoff_seconds(retry, chance) <= longest
    assert math.isfinite(backoff_seconds(retry, chance))
