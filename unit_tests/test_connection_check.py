import pytest
from fakes import make_client, make_config, refused

from destination_sage_intacct.config import ConfigError
from destination_sage_intacct.connection_check import check_connection
from destination_sage_intacct.intacct.errors import AccessError
from destination_sage_intacct.intacct.objects import OBJECT_TYPES, object_at
from destination_sage_intacct.intacct.verdict import Answer

CUSTOMER, VENDOR = OBJECT_TYPES["Customer"], OBJECT_TYPES["Vendor"]
PAGE = Answer(200, payload={"ia::result": [], "ia::meta": {}})
ENTITY = Answer(200, payload={"ia::result": [{"key": "12", "id": "100"}]})
QUERY = "POST /services/core/query"
OF_CUSTOMERS = "GET /objects/accounts-receivable/customer"
OF_VENDORS = "GET /objects/accounts-payable/vendor"


def check(*script, objects=(CUSTOMER,), entity=""):
    client, exchange = make_client(*script, entity=entity)
    unproved = list(check_connection(make_config(entity_id=entity), client, objects))
    assert exchange.is_used_up
    return unproved, exchange.asked


def test_one_page_of_every_object_is_read_and_nothing_is_written():
    assert check(PAGE, PAGE, objects=(CUSTOMER, VENDOR)) == ([], [OF_CUSTOMERS, OF_VENDORS])


def test_the_entity_is_proved_first():
    assert check(ENTITY, PAGE, entity="100") == ([], [QUERY, OF_CUSTOMERS])


def test_without_objects_any_read_shows_that_the_token_is_good():
    for answer in (PAGE, refused(403, "Forbidden")):
        assert check(answer, objects=()) == ([], ["GET /objects/company-config/entity"])


def test_an_entity_that_does_not_exist_is_refused():
    with pytest.raises(ConfigError) as caught:
        check(Answer(200, payload={"ia::result": []}), entity="999")

    assert caught.value.key == "entity_id"
    assert str(caught.value) == (
        "Entity 999 does not exist in this company, or the user cannot see it: set `entity_id` to the entity's id as "
        "shown under Company > Entities in Sage Intacct, or leave it empty for the top level."
    )


def test_an_entity_that_cannot_be_proved_is_told_and_used():
    unproved, _ = check(refused(403, "No permission.", "forbidden"), PAGE, entity="100")

    assert unproved == [
        (
            "Whether entity 100 exists could not be proved: Sage Intacct says: No permission [forbidden]. "
            "The sync goes on with it."
        )
    ]


def test_an_object_that_is_closed_says_who_must_permit_it():
    with pytest.raises(AccessError, match=r"^Access to accounts-receivable/customer is denied \(403\)\."):
        check(refused(403, "No permission"))


def test_an_object_that_does_not_exist_is_refused():
    with pytest.raises(ConfigError) as caught:
        check(refused(404, "No such object.", "notFound"), objects=(object_at("platform-apps/nsp::x"),))

    assert caught.value.key == "object_type"
    assert str(caught.value) == (
        "There is no object platform-apps/nsp::x in this company. Sage Intacct says: No such object [notFound]. "
        "Check `object_type` and `custom_object_path`; an application that is not subscribed has no objects."
    )


def test_an_object_that_cannot_be_read_is_refused_with_sages_words():
    with pytest.raises(ConfigError) as caught:
        check(refused(400, "Odd.", error_id="REST-1028"))

    assert str(caught.value) == (
        "Customer (accounts-receivable/customer) cannot be read. Sage Intacct says: Odd [REST-1028]."
    )
