import pytest
from fakes import (
    BASE_URL,
    CUSTOMER,
    FakeClock,
    ScriptedExchange,
    created,
    make_transport,
    refused,
    replayed,
)

from destination_sage_intacct.intacct.auth import FixedToken
from destination_sage_intacct.intacct.clock import StoppedError
from destination_sage_intacct.intacct.errors import AuthenticationError, ConfigurationError, OutageError
from destination_sage_intacct.intacct.transport import Request, Transport
from destination_sage_intacct.intacct.verdict import Answer, Lost

PATH = f"/objects/{CUSTOMER}"
POST = Request("POST", PATH, b'{"name":"Starluck"}', "100", "key-1")
THROTTLED = refused(429, "API rate limit exceeded", "GW-0010", retry_after="5")
TOKEN_REFUSED = refused(401, "Token is not valid", "tokenInvalid", "REST-2102")
RUNNING = refused(409, "Another request with the same idempotency key is being processed")
CUT = Lost(sent=True, reason="the connection was cut before the answer was complete")
NOT_SENT = Lost(sent=False, reason="the host refused the connection")


def test_a_request_goes_out_whole():
    exchange = ScriptedExchange(created())

    make_transport(exchange).send(POST)

    (request,) = exchange.requests
    assert (request.method, request.url, request.body, request.token) == (
        "POST",
        f"{BASE_URL}{PATH}",
        b'{"name":"Starluck"}',
        "token-0",
    )
    assert request.headers == {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "X-IA-API-Param-Entity": "100",
        "Idempotency-Key": "key-1",
    }


def test_what_is_not_set_is_not_sent():
    exchange = ScriptedExchange(Answer(200))

    make_transport(exchange).send(Request("GET", "/services/core/model", parameters="?name=x"))

    (request,) = exchange.requests
    assert request.url == f"{BASE_URL}/services/core/model?name=x"
    assert request.body is None
    assert request.headers == {"Accept": "application/json"}


def test_a_body_and_its_values_stay_out_of_what_is_printed():
    assert "Starluck" not in repr(POST)


@pytest.mark.parametrize(
    "answer",
    [created(), Answer(204), *(refused(status, "no") for status in (400, 403, 404, 405, 409, 413, 422))],
)
def test_a_final_answer_is_given_as_it_came(answer):
    exchange = ScriptedExchange(answer)
    clock = FakeClock()
    transport = make_transport(exchange, clock)

    given = transport.send(POST)

    assert (given.status, given.payload, given.sends) == (answer.status, answer.payload, 1)
    assert clock.waits == []
    assert (transport.traffic.requests, transport.traffic.retries) == (1, 0)


@pytest.mark.parametrize(
    "failure",
    [
        NOT_SENT,
        CUT,
        Answer(500),
        Answer(502, readable=False),
        Answer(503),
        Answer(504),
        Answer(524),
        Answer(302),
        Answer(201, readable=False),
    ],
)
def test_what_may_pass_is_sent_again_under_the_same_key(failure):
    exchange = ScriptedExchange(failure, failure, created())
    clock = FakeClock()
    transport = make_transport(exchange, clock)

    answer = transport.send(POST)

    assert (answer.status, answer.sends) == (201, 3)
    assert exchange.idempotency_keys == ["key-1"] * 3
    assert {request.body for request in exchange.requests} == {POST.body}
    first, second = clock.waits
    assert 0.5 <= first <= 1
    assert 1 <= second <= 2
    assert (transport.traffic.requests, transport.traffic.retries) == (3, 2)


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (NOT_SENT, "the host refused the connection"),
        (CUT, "the connection was cut before the answer was complete"),
        (refused(500, "Unable to process request.", "GW-0001"), "HTTP 500, Unable to process request"),
        (Answer(502, readable=False), "HTTP 502 with a body that is not JSON"),
        (Answer(302), "HTTP 302, HTTP 302 without an explanation"),
    ],
)
def test_a_failure_that_does_not_pass_is_an_outage(failure, why):
    exchange = ScriptedExchange(failure, failure, failure)

    with pytest.raises(OutageError) as caught:
        make_transport(exchange, max_retries=2).send(POST)

    assert exchange.is_used_up
    assert str(caught.value) == (
        f"Sage Intacct did not answer POST {PATH} in 3 attempts: {why}. Check that {BASE_URL} can be reached and "
        "that Sage Intacct is up; the next sync sends again whatever was not acknowledged."
    )


def test_without_retries_the_first_failure_is_an_outage():
    with pytest.raises(OutageError, match="in 1 attempts"):
        make_transport(ScriptedExchange(CUT), max_retries=0).send(POST)


def test_a_throttled_request_waits_as_long_as_the_server_says_and_spends_no_retry():
    exchange = ScriptedExchange(*[THROTTLED] * 10, created())
    clock = FakeClock()
    transport = make_transport(exchange, clock, max_retries=0)

    assert transport.send(POST).sends == 11
    assert clock.waits == [5.0] * 10
    assert (transport.traffic.retries, transport.traffic.waited_seconds) == (0, 50.0)


def test_a_throttled_request_without_a_hint_waits_longer_each_time():
    exchange = ScriptedExchange(*[Answer(429)] * 3, created())
    clock = FakeClock()

    make_transport(exchange, clock).send(POST)

    assert [low <= wait <= 2 * low for low, wait in zip((0.5, 1, 2), clock.waits, strict=True)] == [True] * 3


@pytest.mark.parametrize("value", ["0", "Sun, 01 Jan 2023 00:00:00 GMT"])
def test_a_wait_of_zero_neither_hammers_the_server_nor_lasts_for_ever(value):
    clock = FakeClock()
    exchange = ScriptedExchange(*[Answer(429, {"retry-after": value})] * 200)

    with pytest.raises(OutageError):
        make_transport(exchange, clock).send(POST)

    assert min(clock.waits) >= 0.5
    assert len(clock.waits) < 100


def test_a_503_with_a_throttle_header_waits_too():
    clock = FakeClock()
    exchange = ScriptedExchange(Answer(503, {"x-ia-throttle-limit-retry-after": "4"}), created())

    make_transport(exchange, clock, max_retries=0).send(POST)

    assert clock.waits == [4.0]


def test_waits_are_limited_in_all():
    exchange = ScriptedExchange(*[THROTTLED] * 4)
    clock = FakeClock()

    with pytest.raises(OutageError) as caught:
        make_transport(exchange, clock, wait_budget=15.0).send(POST)

    assert clock.waits == [5.0] * 3
    assert str(caught.value) == (
        f"Sage Intacct limits the requests of this company and asked POST {PATH} to wait longer than 15 seconds in "
        "all. Too many integrations may share the company: run this sync at another time, or ask Sage for a higher "
        "concurrency limit."
    )


def test_a_wait_that_would_pass_the_budget_is_not_begun():
    clock = FakeClock()

    with pytest.raises(OutageError):
        make_transport(ScriptedExchange(Answer(429, {"retry-after": "901"})), clock).send(POST)

    assert clock.waits == []


def test_each_request_has_its_own_budget():
    clock = FakeClock()
    exchange = ScriptedExchange(THROTTLED, created(), THROTTLED, created())
    transport = make_transport(exchange, clock, wait_budget=5.0)

    assert [transport.send(POST).status, transport.send(POST).status] == [201, 201]


@pytest.mark.parametrize("refusal", [TOKEN_REFUSED, refused(400, "The token is not valid", error_id="REST-1206")])
def test_a_refused_token_is_renewed_and_the_request_sent_again(refusal):
    clock = FakeClock()
    exchange = ScriptedExchange(refusal, created())
    transport = make_transport(exchange, clock, max_retries=0)

    assert transport.send(POST).status == 201
    assert [request.token for request in exchange.requests] == ["token-0", "token-1"]
    assert clock.waits == []
    assert (transport.traffic.requests, transport.traffic.retries) == (2, 0)


def test_a_renewed_token_that_is_refused_too_ends_the_run():
    exchange = ScriptedExchange(TOKEN_REFUSED, TOKEN_REFUSED)

    with pytest.raises(AuthenticationError) as caught:
        make_transport(exchange).send(POST)

    assert str(caught.value) == (
        "Sage Intacct refused a token that it had issued a moment before. Check that the user and the "
        "app are still authorized for this company and entity, and that no other connection uses the "
        "same user and app: a new authorization replaces older ones."
    )


def test_each_request_may_renew_the_token():
    exchange = ScriptedExchange(TOKEN_REFUSED, created(), TOKEN_REFUSED, created())
    transport = make_transport(exchange)

    assert [transport.send(POST).status, transport.send(POST).status] == [201, 201]
    assert exchange.requests[-1].token == "token-2"


def test_a_token_that_cannot_be_renewed_ends_the_run():
    transport = Transport(BASE_URL, ScriptedExchange(TOKEN_REFUSED), FixedToken("x"), FakeClock(), 3)

    with pytest.raises(AuthenticationError, match="nothing to renew it with"):
        transport.send(POST)


def test_while_the_first_attempt_still_runs_the_same_key_is_asked_again():
    clock = FakeClock()
    exchange = ScriptedExchange(CUT, RUNNING, RUNNING, replayed(created()))
    transport = make_transport(exchange, clock, max_retries=1)

    answer = transport.send(POST)

    assert answer.replayed
    assert answer.sends == 4
    assert exchange.idempotency_keys == ["key-1"] * 4
    assert transport.traffic.retries == 1
    assert transport.traffic.waited_seconds == sum(clock.waits[1:])


def test_a_key_that_stays_taken_beyond_any_request_is_told_to_who_asked():
    clock = FakeClock()
    transport = make_transport(ScriptedExchange(*[RUNNING] * 100), clock)

    answer = transport.send(POST)

    assert answer.status == 409
    assert 840 <= sum(clock.waits) <= 900


def test_a_stored_failure_is_not_asked_for_again():
    exchange = ScriptedExchange(Answer(500), replayed(refused(500, "Internal error")))

    answer = make_transport(exchange).send(POST)

    assert (answer.status, answer.replayed, answer.sends) == (500, True, 2)


def test_troubles_of_every_kind_in_one_request_are_counted_apart():
    clock = FakeClock()
    exchange = ScriptedExchange(NOT_SENT, THROTTLED, TOKEN_REFUSED, CUT, RUNNING, created())
    transport = make_transport(exchange, clock, max_retries=2)

    assert transport.send(POST).sends == 6
    assert (transport.traffic.requests, transport.traffic.retries) == (6, 2)
    assert transport.traffic.waited_seconds == pytest.approx(clock.waits[1] + clock.waits[3])


@pytest.mark.parametrize("trouble", [CUT, THROTTLED, RUNNING])
def test_a_stop_ends_every_wait(trouble):
    clock = FakeClock()
    clock.stopped = True

    with pytest.raises(StoppedError):
        make_transport(ScriptedExchange(trouble), clock).send(POST)


def test_what_no_attempt_can_mend_is_passed_on():
    def untrusted(_):
        raise ConfigurationError("certificate")

    with pytest.raises(ConfigurationError, match="certificate"):
        make_transport(ScriptedExchange(untrusted)).send(POST)


def test_pauses_are_spread_so_that_connectors_do_not_knock_in_step():
    clock = FakeClock()
    for _ in range(20):
        make_transport(ScriptedExchange(CUT, created()), clock).send(POST)

    assert len(set(clock.waits)) > 10
