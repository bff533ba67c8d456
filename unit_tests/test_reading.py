import pytest
from fakes import CUSTOMER, CUT, GONE, make_client, refused

from destination_sage_intacct.intacct.errors import OutageError, SageError
from destination_sage_intacct.intacct.verdict import Answer

CLOSED = refused(403, "no permission for this record")


def record(key):
    return {"key": key, "lines": [{"key": f"{key}-1"}]}


def whole(*keys):
    return Answer(200, {}, {"ia::result": [record(key) for key in keys]})


def alone(key):
    return Answer(200, {}, {"ia::result": record(key)})


def address(*keys):
    return f"GET /objects/{CUSTOMER}/{','.join(keys)}"


def test_several_records_are_read_at_once_with_their_lines():
    client, exchange = make_client(whole("8", "7"), entity="100")

    assert client.read(CUSTOMER, ["7", "8"]) == {"7": record("7"), "8": record("8")}
    assert exchange.asked == [address("7", "8")]
    assert exchange.requests[0].headers["X-IA-API-Param-Entity"] == "100"
    assert client.traffic.transactions == 1


def test_one_record_comes_as_an_object_and_its_key_may_be_a_number():
    client, _ = make_client(Answer(200, {}, {"ia::result": {"key": 7}}))

    assert client.read(CUSTOMER, ["7"]) == {"7": {"key": 7}}


def test_many_records_are_read_fifty_at_a_time():
    keys = [str(number) for number in range(1, 121)]
    client, exchange = make_client(whole(*keys[:50]), whole(*keys[50:100]), whole(*keys[100:]))

    assert list(client.read(CUSTOMER, keys)) == keys
    assert exchange.asked == [address(*keys[:50]), address(*keys[50:100]), address(*keys[100:])]


def test_no_keys_need_no_request():
    client, exchange = make_client()

    assert client.read(CUSTOMER, []) == {}
    assert exchange.requests == []


def test_a_record_that_is_missing_does_not_hide_the_others():
    client, exchange = make_client(GONE, alone("7"), GONE, alone("9"))

    assert client.read(CUSTOMER, ["7", "8", "9"]) == {"7": record("7"), "9": record("9")}
    assert exchange.asked == [address("7", "8", "9"), address("7"), address("8"), address("9")]


def test_one_record_that_is_missing_is_asked_for_once():
    client, exchange = make_client(GONE)

    assert client.read(CUSTOMER, ["7"]) == {}
    assert exchange.asked == [address("7")]


@pytest.mark.parametrize("script", [[CLOSED], [GONE, alone("7"), CLOSED]])
def test_a_record_that_may_not_be_read_is_an_error_and_not_a_missing_one(script):
    client, _ = make_client(*script)

    assert client.read(CUSTOMER, ["7", "8"]) == SageError("no permission for this record", 403, "invalidRequest")


@pytest.mark.parametrize("lost", [CUT, whole("7"), Answer(200), Answer(200, {}, {"ia::result": ["7", "8"]})])
def test_an_answer_that_does_not_hold_every_record_is_asked_for_again(lost):
    client, _ = make_client(lost, whole("7", "8"))

    assert list(client.read(CUSTOMER, ["7", "8"])) == ["7", "8"]


def test_records_that_never_come_whole_are_an_outage():
    client, _ = make_client(whole("7"), max_retries=0)

    with pytest.raises(OutageError, match=r"^Sage Intacct did not answer GET /objects/accounts-receivable/customer"):
        client.read(CUSTOMER, ["7", "8"])
