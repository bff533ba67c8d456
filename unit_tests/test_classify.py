import re
from dataclasses import replace
from email.utils import formatdate

import pytest
from fakes import NOON, changed, created, refused
from hypothesis import given
from hypothesis import strategies as st
from markdown_page import ROOT, section, tables

from destination_sage_intacct.intacct import classify as classification
from destination_sage_intacct.intacct.classify import Answer, Classification, NoResponse, classify, with_age

KEY_RUNNING = "Another request with the same idempotency key is being processed"
KEY_EXPIRED = "The idempotency key has already been used and its cached response has expired"
KEY_MISMATCH = "The idempotency key was used with a different payload"

ANSWERED, RUNNING, LOCKED = Classification.ANSWERED, Classification.RUNNING, Classification.LOCKED
THROTTLED, TOKEN, NOT_SENT = Classification.THROTTLED, Classification.TOKEN, Classification.NOT_SENT
UNKNOWN = Classification.UNKNOWN
REFUSED_CONNECTION = NoResponse(may_have_been_sent=False, reason="the host refused the connection")
NO_JSON = Answer(502, unreadable="a body that is not JSON")
NOT_FOUND = Answer(200, payload={"ia::result": {"ia::error": {"code": "notFound", "message": "no"}}})

HOW_IT_WORKS = ROOT / "docs" / "how-it-works.md"
WAIT_HEADERS = (
    "retry-after", "x-ia-throttle-limit-retry-after", "x-ia-throttle-limit-retryafter",
    "x-ia-tenant-throttle-limit-retry-after", "x-ia-hour-rate-limit-retry-after",
)  # fmt: skip


def stored(answer):
    """An answer of an earlier request under the same key."""
    return replace(answer, may_be_stored=True, is_older=True)


# What a balancer, a firewall, a proxy or a sign-in page says.
PAGES_OF_OTHERS = [
    page
    for status in (400, 401, 403, 404, 405, 407, 409, 410, 413, 421, 422, 431, 451)
    for page in (
        Answer(status),
        Answer(status, unreadable="an HTML page"),
        Answer(status, payload={}),
        Answer(status, payload={"message": "Forbidden"}),
        Answer(status, payload={"error": "forbidden"}),
        Answer(status, payload={"error": {"code": status, "message": "no"}}),
        Answer(status, payload={"ia::result": {"key": "7"}}) if status == 405 else Answer(status, payload=["no"]),
    )
]


@pytest.mark.parametrize(("attempt", "meaning"), [
    (REFUSED_CONNECTION, NOT_SENT),
    (NoResponse(may_have_been_sent=True, reason="no answer within 120 seconds"), UNKNOWN),
    (refused(429, "API rate limit exceeded", "GW-0010"), THROTTLED),
    (Answer(429, unreadable="a body that is not JSON"), THROTTLED),
    (refused(503, "busy"), UNKNOWN), *((Answer(503, {header: "1"}), THROTTLED) for header in WAIT_HEADERS),
    (refused(401, "Token is not valid", "tokenInvalid", "REST-2102"), TOKEN),
    (Answer(401, payload={"ia::error": {"code": "GW-0040", "message": "Expired token"}}), TOKEN),
    (refused(400, "The token is not valid", error_id="REST-1206"), TOKEN),
    *((refused(status, "no"), ANSWERED) for status in (400, 403, 404, 405, 413, 422)),
    (refused(409, "Another record with the value exists"), ANSWERED),
    (refused(409, KEY_RUNNING), RUNNING),
    (refused(409, "The record is locked by another process"), LOCKED),
    (refused(409, "This record is being edited by another user"), LOCKED),
    (refused(422, "The period is locked"), ANSWERED), (refused(409, KEY_EXPIRED), ANSWERED),
    (refused(409, KEY_MISMATCH), ANSWERED), (refused(500, "Internal error"), UNKNOWN), (NO_JSON, UNKNOWN),
    (Answer(302, {"location": "https://elsewhere"}), UNKNOWN),
    (Answer(200, unreadable="a body that is not JSON"), UNKNOWN),
    (NOT_FOUND, ANSWERED), (created(), ANSWERED), (changed(), ANSWERED),
    (Answer(207, payload={"ia::result": []}), ANSWERED), (stored(created()), ANSWERED),
    (stored(refused(500, "Internal error")), ANSWERED), (stored(refused(429, "API rate limit exceeded")), ANSWERED),
    (stored(Answer(201, unreadable="a body that is not JSON")), UNKNOWN),
    *((Answer(status), UNKNOWN) for status in (101, 200, 201, 202, 204, 408, 504, 524)),
    *((Answer(200, payload=payload), UNKNOWN) for payload in ({}, [], "ok", {"ia::result": None})),
    *((page, UNKNOWN) for page in PAGES_OF_OTHERS),
])  # fmt: skip
def test_what_an_attempt_means(attempt, meaning):
    assert classify(attempt) is meaning
    if isinstance(attempt, NoResponse) or attempt.error or attempt.status >= 300:
        assert classify(attempt, lambda _payload: False) is meaning  # whatever was asked for


def holds_two(answer):
    return len(answer.payload["ia::result"]) == 2


def listed(*items, status=207, **headers):
    return Answer(status, headers, {"ia::result": list(items)})


@pytest.mark.parametrize(("attempt", "meaning"), [
    (listed(1, 2), ANSWERED), (listed(1, 2, status=200), ANSWERED), (listed(1), UNKNOWN), (listed(1, 2, 3), UNKNOWN),
    (listed(1, status=201), UNKNOWN), (stored(listed(1)), UNKNOWN), (stored(listed(1, 2)), ANSWERED),
])  # fmt: skip
def test_a_success_that_does_not_hold_all_that_was_asked_for_leaves_the_rest_unknown(attempt, meaning):
    assert classify(attempt, holds_two) is meaning


STORED_AT_NOON = {"x-ia-idempotency-cached-date": formatdate(NOON, usegmt=True)}


@pytest.mark.parametrize(("date", "seconds", "is_older"), [
    (formatdate(NOON, usegmt=True), 0.0, False),
    (formatdate(NOON + 1, usegmt=True), 0.1, False),  # the second had just ended
    (formatdate(NOON + 40, usegmt=True), 40.0, False),  # a slow request of our own
    (formatdate(NOON + 40, usegmt=True), 30.0, True), (formatdate(NOON + 86_400, usegmt=True), 0.0, True),
    ("", 0.0, True),  # the server does not tell its time: ours is an hour later
])  # fmt: skip
def test_a_stored_answer_is_older_than_its_request_by_the_servers_own_clock(date, seconds, is_older):
    headers = STORED_AT_NOON | ({"date": date} if date else {})
    aged = with_age(Answer(201, headers), key_is_new=False, seconds=seconds, now=NOON + 3600)
    assert (aged.may_be_stored, aged.is_older) == (True, is_older)
    assert aged.is_stored is is_older
    assert replace(aged, sent_before=True).is_stored


@pytest.mark.parametrize("date", ["2026-09-21T14:13:20Z", "2026-09-21T14:13:20", "2026-09-21T16:13:20+02:00"])
def test_the_date_of_storing_is_read_in_the_forms_that_sage_uses(date):
    answer = Answer(201, {"x-ia-idempotency-cached-date": date})
    assert not with_age(answer, key_is_new=False, seconds=0.0, now=NOON).is_older
    assert with_age(answer, key_is_new=False, seconds=0.0, now=NOON + 60).is_older
    some_day = Answer(201, {"x-ia-idempotency-cached-date": "yesterday"})
    assert with_age(some_day, key_is_new=False, seconds=0.0, now=NOON).is_older


def test_under_a_key_that_was_made_up_a_moment_ago_nothing_can_be_stored():
    answer = Answer(200, STORED_AT_NOON)
    assert with_age(answer, key_is_new=True, seconds=0.0, now=NOON + 3600) == answer
    assert with_age(created(), key_is_new=False, seconds=0.0, now=NOON) == created()  # without a date neither
    again = with_age(replace(answer, sent_before=True), key_is_new=True, seconds=9.0, now=NOON + 3600)
    assert (again.is_stored, again.is_older) == (True, False)


@pytest.mark.parametrize(("answer", "description"), [
    (Answer(403, unreadable="an HTML page"), "HTTP 403 with an HTML page, not an answer of Sage Intacct"),
    (Answer(403, payload={"message": "no"}), "HTTP 403 with JSON of another form, not an answer of Sage Intacct"),
    (Answer(202), "HTTP 202 with no body, not an answer of Sage Intacct"),
    (created(), "HTTP 201 with an answer that does not cover everything that was sent"),
    (refused(500, "Unable to process request.", "GW-0001"), "HTTP 500, Unable to process request"),
])  # fmt: skip
def test_an_answer_that_proves_nothing_is_described(answer, description):
    assert answer.description == description


def test_the_table_at_the_top_of_the_module_and_that_of_the_page_name_each_class():
    named = re.findall(r"  ([A-Z_]{5,})  ", classification.__doc__)
    (table,) = tables(section(HOW_IT_WORKS, "What a failure means"))
    assert sorted(named) == sorted(Classification.__members__)
    assert {re.sub(r"\W", "", row[1]) for row in table} == set(named)


@pytest.mark.parametrize(("answer", "conflict"), [
    (refused(409, KEY_RUNNING), "running"),
    (refused(409, "Idempotency-Key: something nobody has seen yet"), "running"),
    (refused(409, "conflict", "idempotencyConflict"), "running"),
    (refused(409, KEY_EXPIRED), "expired"),
    (refused(409, "The response stored for this idempotency key is no longer available"), "expired"),
    (refused(409, "The idempotency key is older than 48 hours"), "expired"),
    (refused(409, KEY_MISMATCH), "mismatch"),
    (refused(409, "The request does not match the idempotency key"), "mismatch"),
    (refused(409, "Another record with the value C1 already exists"), None),
    (refused(422, KEY_RUNNING), None), (Answer(409), None), (created(), None),
])  # fmt: skip
def test_what_a_conflict_about_the_idempotency_key_means(answer, conflict):
    assert classification.idempotency_conflict(answer) == conflict


LIMITS = {"retry-after": "2", "x-ia-tenant-throttle-limit-retry-after": "9", "x-ia-throttle-limit": "6"}


@pytest.mark.parametrize(("headers", "seconds"), [
    *(({header: value}, float(value)) for header in WAIT_HEADERS for value in ("7", "0", "1.5")),
    *(({header: formatdate(NOON + 30, usegmt=True)}, 30.0) for header in WAIT_HEADERS),
    ({"retry-after": str(int(NOON + 30))}, 30.0),  # seconds since 1970
    ({"retry-after": formatdate(NOON - 30, usegmt=True)}, 0.0),
    ({"retry-after": str(int(NOON - 30))}, 0.0), (LIMITS, 9.0), ({}, None),
    *(({"retry-after": odd}, None) for odd in ("", "soon", "-1", "nan", "Sun, 99 Nov 2026 10:00:00 GMT")),
    ({"retry-after": "soon", "x-ia-throttle-limit-retry-after": "3"}, 3.0),
])  # fmt: skip
def test_the_longest_wait_of_all_headers_counts(headers, seconds):
    assert classification.wait_seconds(headers, NOON) == seconds


ODD_HEADERS = [
    "Wed, 99999999999 Sep 2026 10:00:00 GMT", "Wed, 30 Sep 99999999999 10:00:00 GMT", "Wed, 30 Sep 0000 10:00:00 GMT",
    "Wed, 30 Sep 2026 99:99:99 GMT", "Wed, 30 Sep 2026 10:00:00 +99999999", "9" * 400, "-1", "-0", "1e400", "-inf",
    "nan", "2026-13-45T99:00:00Z", ",,,", "\x00",
]  # fmt: skip


@pytest.mark.parametrize("value", ODD_HEADERS)
def test_no_header_breaks_the_sync(value):
    for header in WAIT_HEADERS:
        seconds = classification.wait_seconds({header: value}, NOON)
        assert seconds is None or seconds >= 0
    dated = Answer(200, {"x-ia-idempotency-cached-date": value, "date": value})
    assert with_age(dated, key_is_new=False, seconds=1, now=NOON)


@given(st.text(max_size=30))
def test_no_text_in_a_header_breaks_the_sync(value):
    test_no_header_breaks_the_sync(value)


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_the_pause_doubles_up_to_a_minute_and_is_shortened_by_no_more_than_half(retry, chance):
    longest = min(60.0, 2.0 ** min(retry, 6))
    assert classification.backoff_seconds(retry, chance) == pytest.approx(longest * (1 - chance / 2))
    assert classification.backoff_seconds(retry, 0.0) == longest


@pytest.mark.parametrize(("attempt", "words"), [
    (REFUSED_CONNECTION, "a certificate that is not trusted"),
    (Answer(429), "429"),
    (Answer(503, {"retry-after": "1"}), "503 with a throttle header"),
    (refused(401, "expired"), "401"),
    (refused(400, "The token is not valid", error_id="REST-1206"), "400 with REST-1206"),
    (refused(409, KEY_RUNNING), "409 about an idempotency key that is in use"),
    (refused(409, "The record is locked by another process"), "409 about a record that another client is writing"),
    *((refused(status, "no"), str(status)) for status in (400, 403, 404, 405, 413, 422)),
    (NoResponse(may_have_been_sent=True, reason="x"), "no answer in time"),
    (Answer(403, unreadable="an HTML page"), "a page of a proxy"),
    (Answer(201, payload={"ia::result": None}), "a success that lacks a result"),
    (refused(500, "no"), "5xx"), (Answer(302), "a redirect"),
])  # fmt: skip
def test_the_page_says_of_an_attempt_what_the_code_does(attempt, words):
    (table,) = tables(section(HOW_IT_WORKS, "What a failure means"))
    (row,) = [row for row in table if re.sub(r"\W", "", row[1]) == classify(attempt).name]
    assert words in row[0]
