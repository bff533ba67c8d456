import pytest
from fakes import make_client, make_config, refused
from sage_answers import found

from destination_sage_intacct.config import ConfigError, MatchByFields, MatchByRecordKey, StreamSettings
from destination_sage_intacct.connection_check import check_connection
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.objects import OBJECT_TYPES, object_at
from destination_sage_intacct.plan.build import configured_uses

CUSTOMER, VENDOR = OBJECT_TYPES["Customer"], OBJECT_TYPES["Vendor"]
PAGE = Answer(200, payload={"ia::result": [], "ia::meta": {}})
ENTITY = found({"key": "12", "id": "100"})
QUERY = "POST /services/core/query"
OF_CUSTOMERS = "GET /objects/accounts-receivable/customer"
OF_VENDORS = "GET /objects/accounts-payable/vendor"


def check(*script, objects=(CUSTOMER,), entity="", **settings):
    client, transport = make_client(*script, entity=entity)
    config = make_config(entity_id=entity, **settings)
    unproved = list(check_connection(config, client, objects, configured_uses(config) if settings else ()))
    assert transport.is_used_up
    return unproved, transport.asked


ANY = "GET /objects/company-config/entity"
NOT_VERIFIED = (
    "Could not verify that entity 100 exists. Sage Intacct says: No permission. [forbidden] The sync continues with it."
)


@pytest.mark.parametrize(("script", "settings", "unproved", "asked"), [
    ([PAGE, PAGE], {"objects": (CUSTOMER, VENDOR)}, [], [OF_CUSTOMERS, OF_VENDORS]),
    ([ENTITY, PAGE], {"entity": "100"}, [], [QUERY, OF_CUSTOMERS]),
    # Without objects any read shows that the token is good.
    ([PAGE], {"objects": ()}, [], [ANY]),
    ([refused(403, "Forbidden")], {"objects": ()}, [], [ANY]),
    ([refused(403, "No permission.", "forbidden"), PAGE], {"entity": "100"}, [NOT_VERIFIED], [QUERY, OF_CUSTOMERS]),
])  # fmt: skip
def test_one_page_of_every_object_is_read_after_the_entity_and_nothing_is_written(script, settings, unproved, asked):
    assert check(*script, **settings) == (unproved, asked)


@pytest.mark.parametrize(("answer", "settings", "key", "sentence"), [
    (found(), {"entity": "999"}, "entity_id", r"^Entity 999 does not exist in this company, or the user cannot see it"),
    (refused(404, "No such object.", "notFound"), {"objects": (object_at("platform-apps/nsp::x"),)}, "object_type",
     r"^There is no object platform-apps/nsp::x in this company\. Sage Intacct says: No such object\."),
    (refused(400, "Odd.", error_id="REST-1028"), {}, "object_type",
     r"^Customer \(accounts-receivable/customer\) cannot be read\. Sage Intacct says: Odd\. \[REST-1028\]$"),
])  # fmt: skip
def test_an_entity_or_object_that_does_not_exist_is_refused(answer, settings, key, sentence):
    with pytest.raises(ConfigError, match=sentence) as caught:
        check(answer, **settings)
    assert caught.value.key == key


MODEL = Answer(200, payload={"ia::result": {"fields": {"id": {"type": "string"}, "name": {"type": "string"}}}})
NO_MODEL = refused(403, "No permission")
ASKED = [OF_CUSTOMERS, "GET /services/core/model?name=accounts-receivable/customer"]
BY_ID, NO_NAME = MatchByFields(("id",)), MatchByFields(("nmae",))


@pytest.mark.parametrize(("settings", "script", "asked"), [
    *(({"matching": BY_ID}, [PAGE, model], ASKED) for model in (MODEL, NO_MODEL)),
    # The fields of an object are asked for once.
    ({"streams": tuple(StreamSettings(name, matching=BY_ID) for name in "ab")}, [PAGE, MODEL], ASKED),
    # What no stream may use is not held against anything.
    ({"matching": NO_NAME, "streams": (StreamSettings("c", matching=MatchByRecordKey()),)}, [PAGE], [OF_CUSTOMERS]),
])  # fmt: skip
def test_fields_to_match_by_that_the_object_has_are_taken(settings, script, asked):
    assert check(*script, **settings) == ([], asked)


@pytest.mark.parametrize(("settings", "model", "stream"), [
    ({"matching": NO_NAME}, MODEL, ""), ({"matching": NO_NAME}, NO_MODEL, ""),
    ({"streams": (StreamSettings("c", "public", matching=NO_NAME),)}, MODEL, "Stream public.c: "),
])  # fmt: skip
def test_a_field_to_match_by_that_the_object_does_not_have_is_refused(settings, model, stream):
    with pytest.raises(ConfigError) as caught:
        check(PAGE, model, **settings)
    no_field = "records cannot be found by `nmae`: Customer has no such field. Did you mean `name`?"
    assert str(caught.value) == f"{stream}{no_field}"
    assert caught.value.key.endswith("matching.fields")


@pytest.mark.parametrize("settings", [{"object_type": "Bill"}, {"streams": (StreamSettings("b", object_type="Bill"),)}])
def test_records_without_a_status_that_are_to_be_set_inactive_are_refused(settings):
    with pytest.raises(ConfigError, match="to be set inactive, but Bill has no status") as caught:
        check(PAGE, on_source_delete="deactivate", **settings)
    assert caught.value.key == "on_source_delete"
