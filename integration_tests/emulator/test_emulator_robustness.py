"""Whatever is sent, the emulator answers with a refusal of its own, never by breaking."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.emulator_rest import CUSTOMERS, ENTRIES, INVOICES

NAMES = st.sampled_from(
    [
        "key",
        "id",
        "name",
        "lines",
        "term",
        "contacts",
        "default",
        "ia::operation",
        "txnAmount",
        "dimensions",
        "location",
        "contactList",
        "creditLimit",
        "object",
        "fields",
        "filters",
        "orderBy",
        "start",
        "size",
        "filterExpression",
        "filterParameters",
        "$eq",
        "$in",
        "$between",
        "$gt",
        "audit.modifiedDateTime",
        "customer.id",
        "x",
    ]
)
TEXTS = st.sampled_from(["101", "", "delete", "asc", "2026-01-01", "NaN", "id", "accounts-receivable/customer"])
VALUES = TEXTS | st.sampled_from([None, True, 0, 1, -1, 10**30, 0.5])
JSON = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)
BODIES = JSON | st.dictionaries(NAMES, JSON, max_size=6)
several = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", CUSTOMERS),
        ("PATCH", f"{CUSTOMERS}/101"),
        ("PATCH", CUSTOMERS),
        ("POST", ENTRIES),
        ("POST", "/objects/platform-apps/nsp::thing"),
        ("POST", "/services/core/query"),
        ("POST", "/oauth2/token"),
    ],
)
@several
@given(body=BODIES)
def test_any_json_is_answered(rest, method, path, body):
    assert rest.send(method, path, body).status != 500


@several
@given(lines=JSON, filters=JSON, order=JSON)
def test_lines_filters_and_orders_of_any_form_are_answered(rest, lines, filters, order):
    body = {"customer": {"key": "101"}, "invoiceDate": "2026-01-01", "dueDate": "2026-01-01", "lines": lines}
    assert rest.post(INVOICES, body).status != 500
    asked = {"object": "accounts-receivable/invoice", "fields": ["id"], "filters": filters, "orderBy": order}
    assert rest.post("/services/core/query", asked).status != 500
