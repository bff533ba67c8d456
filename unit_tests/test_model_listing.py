import pytest

from destination_sage_intacct.intacct.model import EVERY_METHOD, ListedObject, parse_model, parse_object_list

CUSTOMER = {"apiObject": "objects/accounts-receivable/customer", "httpMethods": "OPTIONS,GET,POST,DELETE,PATCH"}


def test_objects_are_listed_by_their_paths_with_what_they_take():
    listed = parse_object_list(
        {"ia::result": [CUSTOMER, {"apiObject": "platform-apps/nsp::a", "httpMethods": "get, post"}]}
    )
    assert listed == (
        ListedObject("accounts-receivable/customer", frozenset({"OPTIONS", "GET", "POST", "DELETE", "PATCH"})),
        ListedObject("platform-apps/nsp::a", frozenset({"GET", "POST"})),
    )


@pytest.mark.parametrize("payload", [None, [], {}, {"ia::result": {}}, {"ia::result": [None, "text", {}]}])
def test_an_answer_that_lists_nothing_lists_nothing(payload):
    assert parse_object_list(payload) == ()


def test_a_model_names_its_methods():
    model = parse_model("x", {"ia::result": {"fields": {}, "httpMethods": "OPTIONS,GET"}})
    assert model.methods == {"OPTIONS", "GET"}


@pytest.mark.parametrize("named", [{}, {"httpMethods": None}, {"httpMethods": ["GET"]}])
def test_of_an_object_that_names_no_methods_all_may_work(named):
    assert parse_model("x", {"ia::result": {"fields": {}, **named}}).methods == EVERY_METHOD
