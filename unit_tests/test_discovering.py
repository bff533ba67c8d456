from types import MappingProxyType
from urllib.parse import parse_qs, urlsplit

import pytest
from fakes import make_session, refused

from destination_sage_intacct.discovery.discover import discover
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.errors import AccessError
from destination_sage_intacct.intacct.objects import OBJECT_TYPES

FORBIDDEN = refused(403, "Not permitted", "forbidden", "GW-0042")
UNKNOWN = Answer(200, payload={"ia::result": [], "ia::meta": {"totalCount": 0}})
CUSTOM = "platform-apps/nsp::a"
CUSTOMER, INVOICE = OBJECT_TYPES["Customer"].path, OBJECT_TYPES["Invoice"].path
LINE = "accounts-receivable/invoice-line"


NO_WRITING = "its records can be neither added nor changed over the API."


def model(methods="OPTIONS,GET,POST,DELETE,PATCH", **parts):
    result = {"fields": {"name": {"type": "string"}}, "httpMethods": methods, **parts}
    return Answer(200, payload={"ia::result": result})


def listing(*paths, methods="OPTIONS,GET,POST,PATCH"):
    entries = [{"apiObject": f"objects/{path}", "httpMethods": methods} for path in paths]
    return Answer(200, payload={"ia::result": entries})


class ModelService:
    """Answers each question about an object with what it holds for it; the nine have a model unless told otherwise."""

    def __init__(self, listed, answers):
        self._answers = {entry.path: model() for entry in OBJECT_TYPES.values()} | {"": listed} | dict(answers)
        self.asked = []

    def __call__(self, request):
        (name,) = parse_qs(urlsplit(request.url).query).get("name", [""])
        self.asked.append(name)
        answer = self._answers.get(name, UNKNOWN)
        return answer() if callable(answer) else answer


def found(listed, answers=MappingProxyType({})):
    service = ModelService(listed, answers)
    client = IntacctClient(make_session(service, max_retries=0))
    warnings = []
    operations = discover(client, 4, warnings.append)
    return list(dict.fromkeys(each["object_name"] for each in operations)), warnings, service.asked


@pytest.mark.parametrize(("answer", "why"), [
    (FORBIDDEN, "its fields cannot be read. Sage Intacct says: Not permitted. [GW-0042]"),
    (UNKNOWN, "the model service does not know it; an application that is not subscribed has no objects."),
    (model("OPTIONS,GET"), NO_WRITING),
])  # fmt: skip
def test_an_object_that_cannot_be_used_is_left_out_with_a_warning(answer, why):
    names, warnings, _ = found(listing(CUSTOM), {CUSTOMER: answer, CUSTOM: answer})
    assert names == [label for label in OBJECT_TYPES if label != "Customer"]
    assert warnings == [f"Customer is left out: {why}", f"{CUSTOM} is left out: {why}"]


def test_a_custom_object_that_is_listed_as_read_only_is_not_asked_for():
    _, warnings, asked = found(listing(CUSTOM, methods="OPTIONS,GET"))
    assert (warnings, CUSTOM in asked) == ([f"{CUSTOM} is left out: {NO_WRITING}"], False)


def test_the_records_in_lists_are_asked_for_too_and_one_that_is_refused_is_just_not_described():
    lists = {"lines": {"apiObject": LINE}, "others": {"apiObject": "x/other"}}
    names, warnings, asked = found(listing(), {INVOICE: model(lists=lists), LINE: model(), "x/other": FORBIDDEN})
    assert ("Invoice" in names, warnings) == (True, [])
    assert asked.count(LINE) == asked.count("x/other") == 1


CLOSED = (
    "The model service is closed to this user, so the fields of the nine standard objects are those that Sage's "
    "documentation names, without the company's own, and custom objects are not listed. Sage Intacct says: Not "
    "permitted. [GW-0042] Give the user the permission to read object definitions, then refresh the destination's "
    "fields."
)
NOT_LISTED = (
    "Custom objects are not listed: the model service does not report which ones there are. Sage Intacct says: A name "
    "is required. [REST-1028]"
)


@pytest.mark.parametrize(("listed", "warning", "questions"), [
    (refused(400, "A name is required", error_id="REST-1028"), NOT_LISTED, 10), (FORBIDDEN, CLOSED, 1),
])  # fmt: skip
def test_where_objects_cannot_be_listed_the_nine_are_offered(listed, warning, questions):
    names, warnings, asked = found(listed)
    assert (names, warnings, len(asked)) == ([*OBJECT_TYPES], [warning], questions)


def test_the_error_for_a_user_who_may_write_nothing_says_what_to_ask_for():
    with pytest.raises(AccessError) as caught:
        found(listing(), {entry.path: model("GET") for entry in OBJECT_TYPES.values()})
    assert str(caught.value) == (
        "There is no object that this user may write, so there is nothing to map columns to. Give the Web Services "
        "user and the app permission to add and edit the objects that the sync is to fill."
    )
