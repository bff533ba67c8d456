import pytest
from fakes import CUSTOMER, CUT, GONE, make_client, refused
from sage_answers import bad, batch

from destination_sage_intacct.intacct.bulk import Capabilities, Written
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.errors import AccessError, OutageError, SageError

DELETED = Answer(204)
IN_USE_ALONE, IN_USE_IN_BATCH = (SageError("in use", 422, code) for code in ("invalidRequest", "operationFailed"))


def address(*keys):
    return f"DELETE /objects/{CUSTOMER}/{','.join(keys)}"


def test_records_are_deleted_together_and_each_is_one_transaction():
    client, transport = make_client(DELETED, entity="100")

    assert client.delete(CUSTOMER, ["7", "8", "9"]) == [Written("7"), Written("8"), Written("9")]
    assert transport.asked == [address("7", "8", "9")]
    assert transport.requests[0].headers["X-IA-API-Param-Entity"] == "100"
    assert transport.idempotency_keys == [None]
    assert client.traffic.transactions == 3


ROUND = address("7", "8")


@pytest.mark.parametrize(("script", "asked"), [
    ([CUT, DELETED], [ROUND, ROUND]), ([batch("7", status=207), DELETED], [ROUND, ROUND]),
    ([Answer(200), DELETED], [ROUND, ROUND]),
    ([batch("7", bad("busy", 429)), DELETED], [ROUND, address("8")]),
    ([Answer(414, unreadable="an HTML page"), DELETED, DELETED], [ROUND, address("7"), address("8")]),
])  # fmt: skip
def test_what_is_not_answered_whole_is_asked_again_until_all_are_deleted(script, asked):
    client, transport = make_client(*script, max_retries=int(script[0] is CUT or script[0].status < 400))
    assert client.delete(CUSTOMER, ["7", "8"]) == [Written("7"), Written("8")]
    assert transport.asked == asked


def test_a_record_that_is_gone_counts_as_deleted_but_not_one_that_no_record_can_be():
    client, _ = make_client(GONE, GONE, batch("7", bad("no such record", 404)))
    assert client.delete(CUSTOMER, ["9"]) == [Written("9")]
    assert client.delete(CUSTOMER, ["C-1"]) == [SageError("no such record", 404, "notFound")]
    assert client.delete(CUSTOMER, ["7", "C-1"]) == [Written("7"), SageError("no such record", 404, "operationFailed")]
    assert client.traffic.transactions == 1


def test_a_partial_answer_names_no_keys_so_records_are_known_by_their_place():
    client, _ = make_client(batch({"ia::status": 204}, bad("in use"), {"ia::status": 204}))
    assert client.delete(CUSTOMER, ["7", "8", "9"]) == [Written("7"), IN_USE_IN_BATCH, Written("9")]
    assert client.traffic.transactions == 2


def test_a_record_whose_result_has_no_status_is_gone_by_the_word_of_its_error():
    missing = {"ia::error": {"code": "notFound", "message": "no such record"}}
    in_use = {"ia::error": {"code": "operationFailed", "message": "in use"}}
    client, transport = make_client(batch({}, in_use), batch(missing, in_use))

    deleted, in_use_one = client.delete(CUSTOMER, ["7", "8"])

    assert (deleted, isinstance(in_use_one, SageError)) == (Written("7"), True)
    assert transport.asked == [ROUND] * 2


def test_a_refusal_of_all_halves_them_until_the_record_at_fault_is_named():
    client, transport = make_client(refused(422, "in use"), DELETED, refused(422, "in use"), DELETED)
    assert client.delete(CUSTOMER, ["1", "2", "3", "4"]) == [Written("1"), Written("2"), IN_USE_ALONE, Written("4")]
    assert transport.asked == [address("1", "2", "3", "4"), address("1", "2"), address("3"), address("4")]


@pytest.mark.parametrize(("answer", "keys", "error", "text"), [
    *((answer, ["7", "8"], AccessError, r"^Access to accounts-receivable/customer is denied \(403\)")
      for answer in (refused(403, "no permission"), batch("7", bad("no permission", 403)))),
    (Answer(405, unreadable="an HTML page"), ["7"], OutageError, "HTTP 405 with an HTML page"),
])  # fmt: skip
def test_a_forbidden_object_and_a_page_of_another_end_the_run(answer, keys, error, text):
    client, _ = make_client(answer, max_retries=0)
    with pytest.raises(error, match=text):
        client.delete(CUSTOMER, keys)


def test_an_address_stays_short_and_no_key_is_lost_by_that():
    """Even one that is too long by itself is sent, alone."""
    keys = ["1" * 7_000, *(f"{number:0100}" for number in range(150))]
    client, transport = make_client(*[DELETED] * 5)

    assert client.delete(CUSTOMER, keys) == [Written(key) for key in keys]
    shown = [each.split("/")[-1] for each in transport.asked]
    assert [key for part in shown for key in part.split(",")] == keys
    assert all(len(part) < 6_000 for part in shown[1:])


def test_a_server_that_takes_one_record_at_a_time_is_asked_one_by_one():
    client, transport = make_client(DELETED, DELETED, capabilities=Capabilities(1))
    client.delete("platform-apps/nsp::a b", ["7", "8"])
    assert transport.asked == [f"DELETE /objects/platform-apps/nsp::a%20b/{key}" for key in ("7", "8")]
