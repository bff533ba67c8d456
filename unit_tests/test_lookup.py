import pytest
from fakes import make_client, make_plan, refused
from sage_answers import found

from destination_sage_intacct import exact_json
from destination_sage_intacct.config import MatchByFields
from destination_sage_intacct.delivery.actions import Find, Update, decide_row
from destination_sage_intacct.delivery.lookup import Lookup
from destination_sage_intacct.intacct.errors import ConfigurationError, OutageError
from destination_sage_intacct.intacct.model import Field, Model

PATH = "accounts-receivable/customer"
STRING = Field("string")
MODEL = Model(
    PATH,
    dict.fromkeys(("id", "name", "taxId", "notes", "status", "term.id"), STRING)
    | {"term": Field("ref"), "contactList": Field("list"), "secret": Field("string", write_only=True)},
)
COLUMNS = tuple(name for name in MODEL.fields if name != "term.id")
ASKED = [{"$in": {"id": ["C-1", "C-2"]}}]
FAILURE = refused(500, "Internal error")
ODD = refused(400, "The value cannot be compared")
HELD = {"key": "1", "id": "A"}
NO = refused(400, "A value of a query filter is not valid")
ONEIL = {"key": "7", "id": "O'Neil", "name": "x"}


def refusal(field="", message="The name field in the object cannot be used in query", error_id="REST-1106"):
    answer = refused(400, message, error_id=error_id)
    if field:
        answer.payload["ia::result"]["ia::error"]["target"] = f"/{field}"
    return answer


class Asking:
    """A lookup of one stream, with what it asked and said."""

    def __init__(self, *script, operation="upsert", fields=("id",), max_retries=3, **settings):
        matching = {"matching": MatchByFields(fields)} if fields else {}
        self.plan = make_plan(operation, COLUMNS, MODEL, **matching, **settings)
        self.client, self.transport = make_client(*script, max_retries=max_retries)
        self.warnings = []
        self.lookup = Lookup(self.client, self.plan, self.warnings.append)

    def match(self, *rows):
        matches = [decide_row(self.plan, {"name": "x"} | row) for row in rows]
        assert all(isinstance(match, Find) for match in matches)
        return self.lookup.by_natural_key(matches)

    def by_key(self, *rows):
        updates = [decide_row(self.plan, row) for row in rows]
        assert all(isinstance(update, Update) for update in updates)
        return self.lookup.by_record_key(updates)

    @property
    def asked(self):
        return [exact_json.decode(each.body) for each in self.transport.requests]

    @property
    def fields(self):
        return [each["fields"] for each in self.asked]


def test_one_question_is_asked_for_all_rows_with_the_fields_that_they_fill():
    record = {"key": "7", "id": "C-2", "name": "x", "term.id": "N30", "taxId": None}
    asking = Asking(found(record))
    records = asking.match({"id": "C-1"}, {"id": "C-2", "term": {"id": "N30"}, "contactList": [], "secret": "s"})
    assert records == {("C-1",): [], ("C-2",): [record]}
    (asked,) = asking.asked
    assert (asked["object"], asked["filters"]) == (PATH, ASKED)
    assert asked["fields"] == ["key", "id", "name", "term.id"]


@pytest.mark.parametrize(
    ("settings", "more", "body", "is_held"),
    [
        ({"operation": "insert"}, [], {"id": "C-1"}, False),
        ({"skip_unchanged": False}, [], {"id": "C-1"}, False),
        ({"operation": "deactivate"}, ["status"], {"status": "inactive"}, True),
    ],
)
def test_only_what_is_compared_is_asked_for(settings, more, body, is_held):
    asking = Asking(found({"key": "7", "id": "C-1", "status": "inactive"}), **settings)
    records = asking.match({"id": "C-1"})
    assert asking.fields == [["key", "id", *more]]
    assert asking.lookup.holds(records["C-1",][0], body) is is_held


def test_where_one_filter_for_each_field_finds_many_others_each_key_is_asked_for_by_itself_from_there_on():
    crowd = [{"key": str(number), "name": "A", "taxId": f"T{number}"} for number in range(200)]
    asking = Asking(found(*crowd), found(), found(), fields=("name", "taxId"))
    for _ in range(2):
        records = asking.match({"name": "A", "taxId": "1"}, {"name": "B", "taxId": "2"})
        assert records == {("A", "1"): [], ("B", "2"): []}
    assert asking.asked[0]["filters"] == [{"$in": {"name": ["A", "B"]}}, {"$in": {"taxId": ["1", "2"]}}]
    assert [each.get("filterExpression") for each in asking.asked] == [None, *["(1 and 2) or (3 and 4)"] * 2]


def test_a_field_that_cannot_be_queried_is_left_out_with_one_warning():
    asking = Asking(refusal(), found({"key": "7", "id": "C-1"}), found())
    for _ in range(2):
        asking.match({"id": "C-1"})

    assert asking.fields == [["key", "id", "name"], ["key", "id"], ["key", "id"]]
    (warning,) = asking.warnings
    assert warning == (
        "Rows of stream customers that fill `name` are always written, as accounts-receivable/customer cannot be "
        "queried for it. Sage Intacct says: The name field in the object cannot be used in query. [REST-1106]"
    )
    assert not asking.lookup.holds({"key": "7", "name": "x"}, {"name": "x"})
    assert asking.lookup.holds({"key": "7", "notes": "x"}, {"notes": "x"})


@pytest.mark.parametrize(
    ("answers", "left"),
    [
        ([refusal("notes", "Odd", "REST-1043")], ["id", "name", "taxId"]),
        ([refusal("", "/notes is not a valid field", "REST-1043")], ["id", "name", "taxId"]),
        ([refusal("", "name or rather taxId", "REST-1107")], ["id", "name", "notes"]),
        *(([refusal("", vague, "REST-1106")], ["id"]) for vague in ("something about a field", "the names.name of it")),
        ([refusal("name"), refusal("taxId")], ["id", "notes"]),
    ],
)
def test_the_field_to_leave_out_is_the_one_that_sage_names_or_all_that_are_only_compared(answers, left):
    asking = Asking(*answers, found())
    asking.match({"id": "C-1", "name": "x", "taxId": "1", "notes": "n"})
    assert asking.fields[-1] == ["key", *left]


@pytest.mark.parametrize(
    ("answers", "fields"),
    [
        ([refusal("id")], ("id",)),
        ([refusal("", "The id field cannot be used in query")], ("id",)),
        ([refusal("", "some field")] * 2, ("id", "taxId")),
    ],
)
def test_a_natural_key_that_cannot_be_queried_ends_the_sync(answers, fields):
    """Where no other field is left to blame, it is the one."""
    asking = Asking(*answers, fields=fields)
    named = ", ".join(f"`{each}`" for each in fields)
    with pytest.raises(ConfigurationError) as caught:
        asking.match({"id": "C-1", "taxId": "1"})
    assert str(caught.value) == (
        f"Stream customers: records of accounts-receivable/customer cannot be found by {named}: a field cannot be used "
        f"in a query. Sage Intacct says: {answers[0].error.message}. [REST-1106] Have records found by other fields "
        "(`matching`; in data activation the matching key)."
    )
    assert asking.fields[-1] == ["key", *fields] if len(answers) > 1 else ["key", "id", "name", "taxId"]


def test_a_question_that_is_refused_for_one_value_is_halved_until_the_row_is_named():
    asking = Asking(ODD, found(HELD), ODD, found(), ODD, found(), ODD, max_retries=0)
    records = asking.match({"id": "A"}, {"id": "B"}, {"id": "C"})
    assert records == {("A",): [HELD], ("B",): [], ("C",): ODD.error}
    failing = Asking(FAILURE, found(HELD), FAILURE, found(), FAILURE, max_retries=0)
    assert failing.match({"id": "A"}, {"id": "B"}) == {("A",): [HELD], ("B",): FAILURE.error}


@pytest.mark.parametrize("failure", [FAILURE, refused(400, "The query cannot be read")])
def test_a_query_that_fails_whatever_is_looked_for_or_for_a_while_blames_no_row(failure):
    asking = Asking(*[failure] * 100, max_retries=0)
    with pytest.raises(
        OutageError, match=r"cannot answer queries for .* by `id` for now, whichever value is looked up"
    ):
        asking.match({"id": "A"}, {"id": "B"})
    again = Asking(failure, found({"key": "9", "id": "0"}), found(HELD), max_retries=0)
    assert again.match({"id": "A"}) == {("A",): [HELD]}
    assert again.asked[1]["filters"] == [{"$in": {"id": ["0"]}}]


@pytest.mark.parametrize(
    ("script", "records", "then"),
    [
        ([NO, found(), found(ONEIL), found()], [ONEIL], "D\\'Arcy"),
        ([NO, found(), NO, NO, found()], NO.error, "D'Arcy"),  # refused either way it is the row's own matter
    ],
)
def test_an_apostrophe_that_is_refused_as_it_is_goes_out_behind_a_backslash_from_there_on(script, records, then):
    asking = Asking(*script)
    assert asking.match({"id": "O'Neil"}) == {("O'Neil",): records}
    assert asking.match({"id": "D'Arcy"}) == {("D'Arcy",): []}
    sent = [each["filters"] for each in asking.asked]
    assert [sent[0], sent[2], sent[-1]] == [[{"$in": {"id": [text]}}] for text in ("O'Neil", "O\\'Neil", then)]


def test_records_are_found_by_record_key_with_what_is_to_be_compared():
    asking = Asking(found({"key": 34, "name": "x"}), operation="update", fields=())
    records = asking.by_key({"id": "35", "name": "y"}, {"id": "C-1", "name": "z"}, {"id": "34", "name": "x"})
    assert records == {"34": {"key": 34, "name": "x"}}
    assert asking.lookup.holds(records["34"], {"name": "x"})
    assert asking.by_key({"id": "C-1", "name": "x"}) == {}  # a key that is no number is not asked for
    assert [each["filters"] for each in asking.asked] == [[{"$in": {"key": ["34", "35"]}}]]
    assert (asking.fields, asking.warnings) == ([["key", "name"]], [])


def test_without_anything_to_compare_nothing_is_asked():
    asking = Asking(operation="update", fields=())
    assert asking.by_key() == asking.by_key({"id": "34", "contactList": []}) == {}
    always_written = Asking(operation="update", fields=(), skip_unchanged=False)
    assert always_written.by_key({"id": "34", "name": "x"}) == {}
    assert asking.transport.requests == always_written.transport.requests == []


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([refused(403, "You may not use the query service.", "forbidden")], "query service. [forbidden]"),
        ([refused(400, "Odd")] * 2, "Odd. [invalidRequest]"),
    ],
)
def test_rows_are_written_without_comparing_where_that_is_refused_with_one_warning(answers, said):
    asking = Asking(*answers, operation="update", fields=())
    for _ in range(2):
        assert asking.by_key({"id": "34", "name": "x"}) == {}
    assert asking.transport.is_used_up
    (warning,) = asking.warnings
    assert warning.endswith(said)
    assert warning.startswith(
        "Rows of stream customers are written without comparing them with the records of accounts-receivable/customer, "
        "so unchanged ones are written too: they cannot be queried. Sage Intacct says: "
    )


def test_records_are_found_by_the_ids_of_bodies():
    rows = [{"key": "1", "id": "C-1", "name": "x"}, {"key": "2", "id": "C-2"}, {"key": "3", "id": "C-2"}]
    asking = Asking(found(*rows), operation="insert", fields=())
    records = asking.lookup.by_id([{"id": "C-2", "name": "x"}, {"id": "C-1", "contactList": []}])
    assert records == {"C-1": rows[:1], "C-2": rows[1:]}
    assert (asking.asked[0]["filters"], asking.fields) == (ASKED, [["key", "id", "name"]])
    closed = Asking(refused(403, "no"), operation="insert", fields=())
    assert closed.lookup.by_id([{"id": "C-1"}]) == {}


@pytest.mark.parametrize(("record", "held"), [({}, True), ({"name": "y"}, False), ({"term.id": None}, False)])
def test_a_record_is_the_rows_own_when_all_that_can_be_read_is_the_same(record, held):
    body = {"id": "C-1", "name": "x", "term": {"id": "N30"}, "contactList": [{"a": 1}], "secret": "s"}
    lookup = Asking(fields=()).lookup
    assert lookup.holds_what_is_readable({"id": "C-1", "name": "x", "term.id": "N30"} | record, body) is held
    assert not lookup.holds_what_is_readable({"id": "C-1", "name": "x"}, body)
    assert not lookup.holds_what_is_readable(record, {"contactList": []})


LIKE_C1 = {"key": "8", "id": "c-1 "}


@pytest.mark.parametrize(
    ("near", "exact", "records", "alike"),
    [
        ([], None, [], []),
        ([{"key": "7", "id": "C-1"}], None, ["7"], []),
        ([{"key": "7", "id": "C-1"}, LIKE_C1], None, ["7"], []),
        ([{"key": "7", "id": "C-1"}, {"key": "9", "id": "C-1"}], None, ["7", "9"], []),
        ([LIKE_C1], [], [], ["8"]),
        ([LIKE_C1], [LIKE_C1], ["8"], ["8"]),  # the service takes the two for the same
    ],
)
def test_while_rows_are_new_one_query_finds_records_and_look_alikes_and_the_exact_one_decides(
    near, exact, records, alike
):
    asking = Asking(found(*near), *([] if exact is None else [found(*exact)]))

    matches = asking.lookup.matches([decide_row(asking.plan, {"id": "C-1", "name": "x"})])

    assert [record["key"] for record in matches.records["C-1",]] == records
    assert [near.record["key"] for near in matches.alike.values()] == alike
    assert [each["filterParameters"]["caseSensitiveComparison"] for each in asking.asked] == (
        [False] if exact is None else [False, True]
    )


def test_a_record_that_one_key_names_exactly_is_no_other_keys_even_where_the_service_says_so():
    held = {"key": "7", "id": "C-1"}
    asking = Asking(found(held), found(held))

    matches = asking.lookup.matches([decide_row(asking.plan, {"id": name, "name": "x"}) for name in ("C-1", "c-1")])

    assert matches.records == {("C-1",): [held], ("c-1",): []}
    assert matches.alike["c-1",].record == held


@pytest.mark.parametrize(
    "first", [found({"key": "7", "id": "C-1"}), refused(400, "not now"), refused(500, "not now", error_id="X")]
)
def test_where_records_are_there_or_the_question_fails_the_exact_one_goes_first(first):
    asking = Asking(first, found({"key": "7", "id": "C-1"}), found({"key": "7", "id": "C-1"}), max_retries=0)
    rows = [decide_row(asking.plan, {"id": "C-1", "name": "x"})]

    found_ones = [asking.lookup.matches(rows) for _ in range(2)]

    assert {record["key"] for each in found_ones for record in each.records["C-1",]} == {"7"}
    assert found_ones[1].alike is None
    assert asking.asked[-1]["filterParameters"]["caseSensitiveComparison"] is True
