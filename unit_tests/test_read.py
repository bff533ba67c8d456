import pytest
from fakes import CUSTOMER, CUT, GONE, make_client, refused
from sage_answers import bad

from destination_sage_intacct.intacct.classify import Answer, NoResponse
from destination_sage_intacct.intacct.errors import AccessError, OutageError, SageError

CLOSED = refused(403, "no permission for this record")
MISSING = SageError("no such record", 404, "notFound")
FORBIDDEN = SageError("no permission for this record", 403, "invalidRequest")


def record(key):
    return {"key": key, "lines": [{"key": f"{key}-1"}]}


def whole(*keys):
    return Answer(200, {}, {"ia::result": [record(key) for key in keys]})


def alone(key):
    return Answer(200, {}, {"ia::result": record(key)})


def address(*keys):
    return f"GET /objects/{CUSTOMER}/{','.join(keys)}"


def test_several_records_are_read_at_once_with_their_lines():
    client, transport = make_client(whole("8", "7"), entity="100")
    assert client.read(CUSTOMER, ["7", "8"]) == {"7": record("7"), "8": record("8")}
    assert transport.asked == [address("7", "8")]
    assert transport.requests[0].headers["X-IA-API-Param-Entity"] == "100"
    assert client.traffic.transactions == 1


def test_one_record_comes_as_an_object_and_its_key_may_be_a_number():
    client, _ = make_client(Answer(200, {}, {"ia::result": {"key": 7}}))
    assert client.read(CUSTOMER, ["7"]) == {"7": {"key": 7}}


def test_many_records_are_read_fifty_at_a_time():
    keys = [str(number) for number in range(1, 121)]
    client, transport = make_client(whole(*keys[:50]), whole(*keys[50:100]), whole(*keys[100:]))
    assert list(client.read(CUSTOMER, keys)) == keys
    assert transport.asked == [address(*keys[:50]), address(*keys[50:100]), address(*keys[100:])]


def test_no_keys_need_no_request():
    client, transport = make_client()
    assert client.read(CUSTOMER, []) == {}
    assert transport.requests == []


def test_a_record_that_is_missing_does_not_hide_the_others():
    client, transport = make_client(GONE, alone("7"), GONE, GONE, alone("9"))
    assert client.read(CUSTOMER, ["7", "8", "9"]) == {"7": record("7"), "8": MISSING, "9": record("9")}
    assert transport.asked == [address("7", "8", "9"), address("7"), address("8", "9"), address("8"), address("9")]


def test_one_record_that_is_missing_is_asked_for_once():
    client, transport = make_client(GONE)
    assert client.read(CUSTOMER, ["7"]) == {"7": MISSING}
    assert transport.asked == [address("7")]


@pytest.mark.parametrize("script", [[CLOSED, CLOSED, alone("8")], [GONE, CLOSED, alone("8")]])
def test_a_record_that_may_not_be_read_says_nothing_about_the_others(script):
    client, _ = make_client(*script)
    assert client.read(CUSTOMER, ["7", "8"]) == {"7": FORBIDDEN, "8": record("8")}


def test_an_object_that_may_not_be_read_at_all_ends_the_run():
    client, _ = make_client(refused(403, "no permission"))
    with pytest.raises(AccessError, match=r"^Access to accounts-receivable/customer is denied \(403\)"):
        client.read(CUSTOMER, ["7", "8"])


def mixed(*results, status=207):
    return Answer(status, {}, {"ia::result": list(results)})


@pytest.mark.parametrize("status", [207, 404])
def test_an_error_in_the_list_is_that_of_the_record_in_its_place(status):
    """Errors name no key (Sage REST guide, bulk requests)."""
    client, transport = make_client(mixed(bad("gone", 404), record("8"), bad("closed", 422), status=status))
    assert client.read(CUSTOMER, ["7", "8", "9"]) == {
        "7": SageError("gone", 404, "operationFailed"),
        "8": record("8"),
        "9": SageError("closed", 422, "operationFailed"),
    }
    assert len(transport.requests) == 1


@pytest.mark.parametrize("status", [429, 500])
@pytest.mark.parametrize(("then", "found"), [(alone("7"), record("7")), (GONE, MISSING)])
def test_a_record_that_cannot_be_read_just_now_is_read_once_more_alone(status, then, found):
    client, transport = make_client(mixed(bad("busy", status), record("8")), then)
    assert client.read(CUSTOMER, ["7", "8"]) == {"7": found, "8": record("8")}
    assert transport.asked == [address("7", "8"), address("7")]


def test_an_error_never_hides_a_record_that_is_named_elsewhere_in_the_list():
    client, _ = make_client(mixed(bad("gone", 404), record("7")), GONE)
    assert client.read(CUSTOMER, ["7", "8"]) == {"7": record("7"), "8": MISSING}


def test_a_record_that_the_list_leaves_out_is_read_alone():
    client, transport = make_client(whole("8"), alone("7"))
    assert client.read(CUSTOMER, ["7", "8"]) == {"7": record("7"), "8": record("8")}
    assert transport.asked == [address("7", "8"), address("7")]


def test_another_record_than_the_one_asked_for_is_never_taken_for_it():
    client, transport = make_client(alone("8"), alone("7"))
    assert list(client.read(CUSTOMER, ["7"])) == ["7"]
    assert transport.is_used_up


@pytest.mark.parametrize("lost", [CUT, Answer(200), Answer(200, {}, {"ia::result": ["7", "8"]}), whole("7", "8", "9")])
def test_an_answer_that_cannot_be_read_is_asked_for_again(lost):
    client, _ = make_client(lost, whole("7", "8"))
    assert list(client.read(CUSTOMER, ["7", "8"])) == ["7", "8"]


def test_records_that_never_come_are_an_outage():
    client, _ = make_client(CUT, max_retries=0)
    with pytest.raises(OutageError, match=r"^Sage Intacct did not answer GET /objects/accounts-receivable/customer"):
        client.read(CUSTOMER, ["7", "8"])


TOO_LARGE = NoResponse(may_have_been_sent=True, reason="the answer holds too much", is_too_large=True)


def test_records_that_are_too_large_together_are_read_in_halves():
    client, transport = make_client(TOO_LARGE, whole("1", "2"), TOO_LARGE, alone("3"), alone("4"))
    assert client.read(CUSTOMER, ["1", "2", "3", "4"]) == {key: record(key) for key in "1234"}
    assert transport.asked == [address(*keys) for keys in ("1234", "12", "34", "3", "4")]


def test_a_record_that_is_too_large_alone_is_an_outage():
    client, transport = make_client(*[TOO_LARGE] * 4)
    with pytest.raises(OutageError, match="the answer holds too much"):
        client.read(CUSTOMER, ["1"])
    assert len(transport.requests) == 4
