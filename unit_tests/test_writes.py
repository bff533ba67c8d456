import pytest
from fakes import make_client, make_config, refused

from destination_sage_intacct import exact_json
from destination_sage_intacct.delivery.intents import Update
from destination_sage_intacct.delivery.lookup import Lookup
from destination_sage_intacct.delivery.order import Pending
from destination_sage_intacct.delivery.writes import Change, with_lines_compared, without_fixed
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.intacct.verdict import Answer
from destination_sage_intacct.planning import plan_stream, target_of
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.ledger import Ledger
from destination_sage_intacct.protocol.messages import Record, StreamKey
from destination_sage_intacct.rows.values import Problem

STREAM = StreamKey(None, "bills")
LINE_MODEL = Model("bill-line", {"txnAmount": Field("amount"), "memo": Field("string")})
MODEL = Model(
    "accounts-payable/bill",
    {
        "key": Field("string", read_only=True),
        "description": Field("string"),
        "number": Field("string", create_only=True),
        "lines": Field("list", target="bill-line"),
    },
)
TEN, TWENTY = {"txnAmount": "10.10"}, {"txnAmount": "20"}
HELD = {"key": "7", "lines": [{"key": "71", "txnAmount": "10.1", "memo": None}, {"key": "72", "txnAmount": "20.00"}]}


class Comparing:
    """Changes of one stream to the records 7, 8 and so on, of which a query told `record`."""

    def __init__(self, *bodies, script=(), record=None, keys=("7", "8", "9"), **settings):
        config = make_config(object_type="Bill", operation="update", **settings)
        stream = ConfiguredStream(STREAM, "append", ("id", "description", "number", "lines"))
        self.plan = plan_stream(target_of(stream, config), config, MODEL, {"bill-line": LINE_MODEL})
        self.client, self.exchange = make_client(*script)
        self.lookup = Lookup(self.client, self.plan, lambda _: None)
        row = Ledger([STREAM], lambda *_: None).receive(Record(1, STREAM, {}))
        updates = [Update(key, body, exact_json.encode_sorted(body)) for key, body in zip(keys, bodies, strict=False)]
        self.changes = [Change(Pending(row, update), update, record) for update in updates]

    def without_fixed(self):
        return without_fixed(self.changes[0], self.plan, self.lookup)


def compared(*bodies, **given):
    """Return the changes of rows with these bodies, the requests that it took, and what was refused."""
    comparing, refusals = Comparing(*bodies, **given), []
    done = with_lines_compared(
        comparing.changes,
        comparing.plan,
        comparing.client,
        comparing.lookup,
        lambda change, error: refusals.append((change.intent.key, error)),
    )
    assert all(exact_json.decode(each.intent.encoded) == each.intent.body for each in done)
    return [each.intent.body for each in done], comparing.exchange.asked, refusals


def whole(*records):
    return Answer(200, {}, {"ia::result": list(records) if len(records) > 1 else records[0]})


@pytest.mark.parametrize("lines", [[TEN, TWENTY], [TWENTY, TEN]])
def test_equal_lines_are_left_out_in_whatever_order(lines):
    body = {"description": "new", "lines": lines}

    assert compared(body, script=[whole(HELD)])[0] == [{"description": "new"}]


def test_a_document_whose_fields_and_lines_are_held_comes_to_nothing():
    body = {"description": "same", "lines": [TEN, TWENTY]}

    assert compared(body, script=[whole(HELD)], record={"description": "same"})[0] == [{}]


def test_different_lines_replace_the_records_own_and_fields_it_holds_are_left_out():
    body = {"description": "same", "lines": [TEN, TEN]}

    bodies, asked, _ = compared(body, script=[whole(HELD)], record={"description": "same"})

    gone = [{"key": key, "ia::operation": "delete"} for key in ("71", "72")]
    assert bodies == [{"lines": [*gone, TEN, TEN]}]
    assert asked == ["GET /objects/accounts-payable/bill/7"]


def test_lines_are_added_to_a_record_that_has_none():
    assert compared({"lines": [TEN]}, script=[whole({"key": "7"})])[0] == [{"lines": [TEN]}]


def test_an_empty_list_takes_every_line_away():
    gone = [{"key": key, "ia::operation": "delete"} for key in ("71", "72")]

    assert compared({"lines": []}, script=[whole(HELD)])[0] == [{"lines": gone}]


def test_changes_without_lines_stay_as_they_are_and_are_not_read():
    plain = {"description": "new"}

    bodies, asked, _ = compared(plain, {"lines": [TEN]}, plain, script=[whole({"key": "8", "lines": []})])

    assert bodies == [plain, {"lines": [TEN]}, plain]
    assert asked == ["GET /objects/accounts-payable/bill/8"]
    assert compared(plain) == ([plain], [], [])


def test_each_record_is_read_once_and_all_together():
    _, asked, _ = compared(*[{"lines": [TEN]}] * 3, keys=("7", "8", "7"), script=[whole(HELD, HELD | {"key": "8"})])

    assert asked == ["GET /objects/accounts-payable/bill/7,8"]


def test_lines_may_be_ignored_on_update():
    plain, lined = {"description": "new"}, {"description": "same", "lines": [TEN]}

    bodies, asked, _ = compared(plain, lined, record={"description": "same"}, lines_on_update="ignore")

    assert bodies == [plain, {}]
    assert asked == []
    assert compared(lined, record=None, lines_on_update="ignore")[0] == [{"description": "same"}]


def test_a_record_that_is_not_there_is_left_to_its_update():
    body = {"lines": [TEN]}

    assert compared(body, script=[refused(404, "no such record")])[0] == [body]


def test_a_record_that_cannot_be_read_is_refused_and_the_others_go_on():
    plain = {"description": "new"}

    bodies, _, refusals = compared({"lines": [TEN]}, plain, script=[refused(403, "no permission for this record")])

    assert bodies == [plain]
    assert refusals == [("7", SageError("no permission for this record", 403, "invalidRequest"))]


@pytest.mark.parametrize("record", [{"number": "N-1"}, {"number": "N-1", "description": "old"}])
def test_what_only_a_create_can_set_is_left_out_where_the_record_holds_it(record):
    change = Comparing({"number": "N-1", "description": "new"}, record=record).without_fixed()

    assert change.intent.body == {"description": "new"}
    assert change.intent.encoded == b'{"description":"new"}'


def test_what_only_a_create_can_set_is_a_problem_where_the_record_holds_another_value():
    assert Comparing({"number": "N-1", "description": "new"}, record={"number": "N-2"}).without_fixed() == Problem(
        "create_only_field",
        "The field can be set only when the record is made, and the record is there already",
        "Do not map a column to it, find the records by it with `matching`, or set `operation` to insert.",
        "number",
    )


@pytest.mark.parametrize(
    ("body", "record"), [({"number": "N-1"}, None), ({"description": "new"}, {"number": "N-2", "description": "old"})]
)
def test_a_change_stays_as_it_is_where_the_record_is_not_known_or_nothing_is_fixed(body, record):
    comparing = Comparing(body, record=record)

    assert comparing.without_fixed() is comparing.changes[0]
