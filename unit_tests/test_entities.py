from decimal import Decimal

import pytest
from fakes import make_client, refused
from sage_answers import found

from destination_sage_intacct import exact_json
from destination_sage_intacct.delivery.entities import Entities
from destination_sage_intacct.rows.values import Problem

ADVICE = (
    "Fill the column with the entity's id as shown under Company > Entities in Sage Intacct, or leave it empty for the "
    "entity of the configuration."
)
UNKNOWN = Problem("unknown_entity", "The row's entity does not exist in this company", ADVICE, "company")
NO_TEXT = Problem("invalid_entity", "The row's entity is not a text or number", ADVICE, "company")


def entities(*script, configured="100"):
    told = []
    client, exchange = make_client(*script)
    return Entities(client, configured, told.append), exchange, told


@pytest.mark.parametrize("value", [None, "", "  ", "100", " 100 ", 100, Decimal(100)])
def test_the_configured_entity_is_proved_already_and_an_empty_one_means_it(value):
    proved, exchange, _ = entities(configured="100")

    assert proved.of_row(value, "company") == "100"
    assert exchange.requests == []


def test_an_empty_value_is_the_top_level_where_no_entity_is_configured():
    proved, exchange, _ = entities(configured="")

    assert proved.of_row(None, "company") == ""
    assert exchange.requests == []


def test_each_entity_is_asked_for_once_at_the_top_level():
    proved, exchange, _ = entities(found({"key": "1", "id": "200"}))

    assert [proved.of_row(value, "company") for value in ("200", " 200 ", 200)] == ["200"] * 3
    (request,) = exchange.requests
    assert exact_json.decode(request.body)["filters"] == [{"$eq": {"id": "200"}}]
    assert "X-IA-API-Param-Entity" not in request.headers


def test_an_unknown_entity_is_the_rows_problem_and_asked_for_once():
    proved, exchange, told = entities(found())

    assert [proved.of_row("900", "company") for _ in range(2)] == [UNKNOWN] * 2
    assert (len(exchange.requests), told) == (1, [])


@pytest.mark.parametrize("value", [True, False, [], {"id": "200"}])
def test_an_entity_that_is_no_text_or_number_is_the_rows_problem(value):
    proved, exchange, _ = entities()

    assert proved.of_row(value, "company") == NO_TEXT
    assert exchange.requests == []


def test_an_entity_that_cannot_be_proved_is_used_all_the_same_and_told_once():
    proved, _, told = entities(refused(400, "queries are not for you"))

    assert [proved.of_row("200", "company") for _ in range(2)] == ["200", "200"]
    assert told == ["Whether entity 200 exists could not be proved; its rows are sent to it all the same."]
