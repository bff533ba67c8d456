from decimal import Decimal
from functools import partial

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
NO_ID = Problem("invalid_entity", "The row's entity holds characters that no ID has", ADVICE, "company")
NO_TEXT = Problem("invalid_entity", "The row's entity is not a text or number", ADVICE, "company")
BAD_IDS = ["200\r\nX: y", "200\n", "\t200", "2\x0000", "2\x7f", "2\x85", "\u0141\u00f3d\u017a", "\ud800"]


def entities(*script, configured="100"):
    """What proves an entity by its value and column, the requests for it, and the warnings."""
    warnings = []
    client, transport = make_client(*script, entity="300")
    return partial(Entities(configured, warnings.append).of_row, client), transport, warnings


@pytest.mark.parametrize(
    ("value", "configured", "entity"),
    [
        *((empty, "100", "100") for empty in (None, "", "  ")),
        *((own, "100", "100") for own in ("100", " 100 ", 100, Decimal(100), Decimal("100.0"), Decimal("1E+2"))),
        (None, "", ""),  # the top level, where no entity is configured
        *((odd, "100", NO_TEXT) for odd in (True, False, [], {"id": "200"})),
        *((odd, "100", NO_ID) for odd in BAD_IDS),  # no header can hold it
    ],
)
def test_some_values_need_no_proof(value, configured, entity):
    entity_of, transport, _ = entities(configured=configured)
    assert entity_of(value, "company") == entity
    assert transport.requests == []


def test_all_entities_are_asked_for_once_at_the_top_level():
    entity_of, transport, warnings = entities(found({"key": "1", "id": "200"}, {"key": "2", "id": "1.5"}))
    named = [entity_of(value, "company") for value in ("200", " 200 ", Decimal("200.00"), Decimal("1.5"), "900", "901")]
    assert named == ["200", "200", "200", "1.5", UNKNOWN, UNKNOWN]
    (request,) = transport.requests
    asked = exact_json.decode(request.body)
    assert (asked["object"], asked["fields"], "filters" in asked) == ("company-config/entity", ["key", "id"], False)
    assert "X-IA-API-Param-Entity" not in request.headers
    assert warnings == []


def test_entities_that_cannot_be_proved_are_used_all_the_same_with_one_warning():
    entity_of, transport, warnings = entities(refused(400, "Queries are not for you.", "noQuery"))
    assert [entity_of(value, "company") for value in ("200", "300", "200")] == ["200", "300", "200"]
    assert len(transport.requests) == 1
    (warning,) = warnings
    assert warning == (
        "Could not verify that the entities that rows name exist. Sage Intacct says: Queries are not for you. "
        "[noQuery] The rows are sent to them anyway."
    )
