"""The indexes behind queries: they answer what a look at every record would, after every kind of write."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from emulator.documents import BILL, INVOICE, side
from emulator.emulator_rest import BILLS, CUSTOMERS, ENTRIES, INVOICES, Rest

NAMES = st.sampled_from(["ab", "Ab", "b", "bc", "O'C"])
REGIONS = st.sampled_from([None, "West", "west", "East"])
LIMITS = st.sampled_from([None, 0, 1, Decimal("1.5"), Decimal("1.50"), Decimal(-2)])
VALUES = {"name": NAMES, "nsp::REGION": REGIONS, "creditLimit": LIMITS}
BODIES = st.fixed_dictionaries(VALUES)

Row = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A filter or several joined: as it is sent, and as a plain look at one row decides it."""

    text: Callable[[list[dict[str, Any]]], str]
    holds: Callable[[Row, bool], bool]


def fold(value: Any, case_sensitive: bool) -> Any:
    return value if case_sensitive or not isinstance(value, str) else value.casefold()


# Those that indexes answer are drawn more often: only they can find too little.
DRAWN = ["$eq"] * 6 + ["$in"] * 3 + ["$ne", "$lt", "$gte", "$notIn", "$between"]
OF_TEXTS = ["$startsWith", "$notContains"]
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda held, wanted: held == wanted,
    "$ne": lambda held, wanted: held != wanted,
    "$lt": lambda held, wanted: held is not None and held < wanted,
    "$gte": lambda held, wanted: held is not None and held >= wanted,
    "$in": lambda held, wanted: held in wanted,
    "$notIn": lambda held, wanted: held not in wanted,
    "$between": lambda held, wanted: held is not None and wanted[0] <= held <= wanted[1],
    "$startsWith": lambda held, wanted: held is not None and held.startswith(wanted),
    "$notContains": lambda held, wanted: held is None or wanted not in held,
}


@st.composite
def conditions(draw: st.DrawFn) -> Asked:
    name = draw(st.sampled_from(sorted(VALUES)))
    operator = draw(st.sampled_from(DRAWN if name == "creditLimit" else DRAWN + OF_TEXTS))
    values = VALUES[name].filter(lambda value: value is not None or operator in ("$eq", "$ne"))
    value = draw(
        st.lists(values, min_size=1, max_size=4)
        if operator in ("$in", "$notIn")
        else st.lists(values, min_size=2, max_size=2)
        if operator == "$between"
        else values
    )
    test = OPERATORS[operator]

    def text(filters: list[dict[str, Any]]) -> str:
        filters.append({operator: {name: value}})
        return str(len(filters))

    def holds(row: Row, case_sensitive: bool) -> bool:
        wanted = (
            [fold(one, case_sensitive) for one in value] if isinstance(value, list) else fold(value, case_sensitive)
        )
        return test(fold(row[name], case_sensitive), wanted)

    return Asked(text, holds)


def joined(parts: tuple[str, list[Asked]]) -> Asked:
    word, several = parts
    every = all if word == "and" else any
    return Asked(
        lambda filters: f"({f' {word} '.join(part.text(filters) for part in several)})",
        lambda row, case_sensitive: every(part.holds(row, case_sensitive) for part in several),
    )


EXPRESSIONS = st.recursive(
    conditions(),
    lambda inner: st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=4)).map(joined),
    max_leaves=20,
)


@dataclass
class Company:
    """What the emulator should hold: each customer by its key."""

    rest: Rest
    rows: dict[str, Row] = field(default_factory=dict)

    def create(self, bodies: list[Row]) -> None:
        reply = self.rest.post(CUSTOMERS, bodies)
        assert reply.status == 201, reply.text
        self.rows |= {made["key"]: dict(body) for made, body in zip(reply.result, bodies, strict=True)}

    def update(self, key: str, body: Row) -> None:
        assert self.rest.patch(f"{CUSTOMERS}/{key}", body).status == 200
        self.rows[key] = dict(body)

    def delete(self, key: str) -> None:
        assert self.rest.delete(f"{CUSTOMERS}/{key}").status == 204
        del self.rows[key]

    def fail(self, key: str, body: Row) -> None:
        """Change a record in a transaction that is taken back."""
        bodies = [{"key": key, **body}, {"key": "999999", "name": "N"}]
        assert self.rest.patch(CUSTOMERS, bodies, X_IA_API_Param_Transaction="true").status >= 207

    def found(self, asked: Asked, case_sensitive: bool) -> list[str]:
        filters: list[dict[str, Any]] = []
        expression = asked.text(filters)
        reply = self.rest.query(
            CUSTOMERS,
            "key",
            filters=filters,
            filterExpression=expression,
            filterParameters={"caseSensitiveComparison": case_sensitive},
            orderBy=[{"key": "asc"}],
            size=4000,
        )
        assert reply.status == 200, reply.text
        return [row["key"] for row in reply.result]


@given(data=st.data())
@settings(
    max_examples=80,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_query_finds_what_a_look_at_every_record_finds(data, rest):
    rest.emulator.reset()
    company = Company(rest)
    rest.emulator.delete("accounts-receivable/customer")
    company.create(data.draw(st.lists(BODIES, min_size=1, max_size=20)))
    for _ in range(data.draw(st.integers(3, 8))):
        asked, case_sensitive = data.draw(EXPRESSIONS), data.draw(st.booleans())
        expected = [key for key, row in company.rows.items() if asked.holds(row, case_sensitive)]
        assert company.found(asked, case_sensitive) == expected
        key = data.draw(st.sampled_from(sorted(company.rows)))
        write = data.draw(st.sampled_from(["create", "update", "delete", "fail"]))
        if write == "create":
            company.create([data.draw(BODIES)])
        elif write == "delete" and len(company.rows) > 1:
            company.delete(key)
        elif write == "update":
            company.update(key, data.draw(BODIES))
        else:
            company.fail(key, data.draw(BODIES))


def lines(rest: Rest, path: str, *filters: dict[str, Any]) -> list[str]:
    asked = {"filters": list(filters), "filterExpression": "or" if filters else None, "orderBy": [{"key": "asc"}]}
    reply = rest.query(path, "txnAmount", **asked)
    assert reply.status == 200, reply.text
    return [row["txnAmount"] for row in reply.result]


def test_lines_are_found_as_their_documents_change(rest):
    path = "/objects/general-ledger/journal-entry-line"
    books = {"glJournal": {"id": "EJ"}, "postingDate": "2026-01-05", "description": "D"}
    key = rest.create(ENTRIES, books | {"lines": [side("debit", "1"), side("credit", "1", "4000")]})
    of_1000 = {"$eq": {"glAccount.id": "1000"}}
    assert lines(rest, path, of_1000) == ["1"]
    rest.patch(f"{ENTRIES}/{key}", {"lines": [side("debit", "2"), side("credit", "2", "6000")]})
    assert lines(rest, path, of_1000) == ["1", "2"]
    assert lines(rest, path, of_1000, {"$in": {"glAccount.id": ["6000", "4000"]}}) == ["1", "1", "2", "2"]
    other = rest.create(ENTRIES, books | {"lines": [side("debit", "3"), side("credit", "3", "4000")]})
    assert lines(rest, path, of_1000) == ["1", "2", "3"]
    assert rest.delete(f"{ENTRIES}/{key}").status == 204
    assert lines(rest, path, of_1000) == ["3"]
    assert lines(rest, path) == ["3", "3"]
    first = rest.get(f"{ENTRIES}/{other}").result["lines"][0]["key"]
    rest.patch(f"{ENTRIES}/{other}", {"lines": [{"key": first, "glAccount": {"id": "6000"}}]})
    assert lines(rest, path, of_1000) == []


def test_lines_without_an_order_of_their_own_stay_in_that_of_their_documents(rest):
    """Where rows are alike in what they are ordered by, documents come by key and lines as they stand in them."""
    first, second = (rest.create(INVOICES, INVOICE) for _ in range(2))
    rest.patch(f"{INVOICES}/{first}", {"lines": [{"txnAmount": "5", "glAccount": {"id": "5004"}}]})
    path = "/objects/accounts-receivable/invoice-line"
    rows = rest.query(path, "invoice.key", "lineNumber", orderBy=[{"glAccount.id": "asc"}]).result
    assert [(row["invoice.key"], row["lineNumber"]) for row in rows] == [
        (first, 1),
        (first, 2),
        (first, 3),
        (second, 1),
        (second, 2),
    ]


def test_a_deleted_document_leaves_no_trace_in_what_was_indexed(rest):
    key = rest.create(BILLS, BILL)
    by_number = [{"$eq": {"billNumber": "B-1"}}]
    assert [row["key"] for row in rest.query(BILLS, "key", filters=by_number).result] == [key]
    assert rest.delete(f"{BILLS}/{key}").status == 204
    assert rest.query(BILLS, "key", filters=by_number).result == []
    again = rest.create(BILLS, BILL)
    assert [row["key"] for row in rest.query(BILLS, "key", filters=by_number).result] == [again]


def test_a_field_that_is_declared_later_is_compared_by_its_type(rest):
    path = "/objects/platform-apps/nsp::subscription"
    seats = {"A": 9, "B": 10, "C": "many"}
    rest.post(path, [{"name": name, "nsp::SEATS": number} for name, number in seats.items()])
    asked = {"filters": [{"$eq": {"nsp::SEATS": "10.0"}}]}
    assert rest.query(path, "name", **asked).result == []
    rest.emulator.declare_fields("platform-apps/nsp::subscription", {"nsp::SEATS": {"type": "number"}})
    assert rest.query(path, "name", **asked).result == [{"name": "B"}]
    ordered = rest.query(path, "name", orderBy=[{"nsp::SEATS": "asc"}]).result
    assert [row["name"] for row in ordered] == ["C", "A", "B"]


def test_a_thousand_filters_over_thousands_of_records_find_what_they_name(rest):
    rows = [{"id": f"I-{number}", "name": f"n{number}", "nsp::REGION": f"r{number % 7}"} for number in range(4000)]
    for start in range(0, len(rows), 500):
        rest.post(CUSTOMERS, rows[start : start + 500])
    wanted = rows[::8]
    filters = [{"$eq": {name: row[name]}} for row in wanted for name in ("name", "nsp::REGION")]
    groups = (f"({number} and {number + 1})" for number in range(1, len(filters), 2))
    asked = {"filters": filters, "filterExpression": " or ".join(groups), "size": 4000}
    reply = rest.query(CUSTOMERS, "id", **asked)
    assert sorted(row["id"] for row in reply.result) == sorted(row["id"] for row in wanted)
