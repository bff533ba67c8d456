from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from test_comparison import MODEL, OPEN

from destination_sage_intacct.intacct.model import Field
from destination_sage_intacct.rows.comparison import comparable_paths, holds

ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
CENTS = st.integers(-(10**18), 10**18)
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=ZONES)  # noqa: DTZ001 - they get zones


def shown(values, *forms):
    """Pair a form in which a row may hold a value with the form in which the API shows it."""
    *sent, held = forms
    return st.tuples(values, st.sampled_from(sent)).map(lambda pair: (pair[1](pair[0]), held(pair[0])))


def in_utc(instant):
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def same(value):
    return value


def two_decimals(cents):
    return f"{Decimal(cents).scaleb(-2):.2f}"


TEXTS = shown(st.text(), same, same)
KEYS = shown(st.integers(1, 10**9), same, str, str)
PAIRS: dict[str, st.SearchStrategy[tuple[Any, Any]]] = {
    "id": TEXTS,
    "name": TEXTS | st.just((None, None)),
    "isOnHold": shown(st.booleans(), same, lambda value: str(value).lower(), same),
    "healthScore": shown(st.integers(), same, str, Decimal, same),
    "creditLimit": shown(CENTS, lambda cents: Decimal(cents).scaleb(-2), two_decimals, lambda c: Decimal(c) / 100),
    "totalDue": shown(CENTS, lambda cents: Decimal(cents).scaleb(-2), two_decimals, two_decimals),
    "startDate": shown(st.dates().map(str), same, same),
    "closedAt": shown(INSTANTS, lambda instant: instant.isoformat(), in_utc, in_utc),
    "status": shown(st.sampled_from(["active", "inactive"]), same, same) | st.just(("", None)),
    "term.id": TEXTS,
    "term.key": KEYS,
    "contacts.default.key": KEYS,
    "contacts.default.mailingAddress.city": TEXTS,
    "nsp::AMOUNT": shown(CENTS, lambda cents: Decimal(cents).scaleb(-2), two_decimals),
}
WRITTEN = st.fixed_dictionaries({}, optional=PAIRS)
LEAVES = st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)
NAMES = st.sampled_from([*(path for path in MODEL.fields if "." not in path), "nsp::NEW"])


def body_of(values):
    body: dict[str, Any] = {}
    for path, value in values.items():
        *groups, name = path.split(".")
        inner = body
        for group in groups:
            inner = inner.setdefault(group, {})
        inner[name] = value
    return body


@settings(max_examples=300)
@given(WRITTEN)
def test_whatever_was_written_is_held_when_it_is_read_back(pairs):
    body = body_of({path: sent for path, (sent, _) in pairs.items()})
    record = {path: held for path, (_, held) in pairs.items()}

    assert comparable_paths(body, MODEL) == (set(pairs), True)
    assert holds(body, record, MODEL)


@settings(max_examples=300)
@given(WRITTEN.filter(bool), st.data())
def test_one_leaf_that_changed_is_seen(pairs, data):
    changed = data.draw(st.sampled_from(sorted(pairs)))
    before = data.draw(PAIRS[changed])[1]
    assume(not alike(changed, before, pairs[changed][1]))
    body = body_of({path: sent for path, (sent, _) in pairs.items()})
    record = {path: held for path, (_, held) in pairs.items()} | {changed: before}

    assert not holds(body, record, MODEL)


def alike(path, one, other):
    """Return whether two values in the API's own form are the same; it shows each number in one form per field."""
    if not one and not other and MODEL.fields.get(path, Field("amount")).type == "string":
        return True
    is_text = isinstance(one, str) and MODEL.fields.get(path, Field("amount")).type == "amount"
    return Decimal(one) == Decimal(other) if is_text else one == other


@given(st.dictionaries(NAMES, JSON, max_size=4), st.dictionaries(NAMES, JSON, max_size=4), st.booleans())
def test_no_json_value_raises_and_what_is_not_wholly_comparable_is_not_held(body, record, is_open):
    model = OPEN if is_open else MODEL
    paths, is_whole = comparable_paths(body, model)

    if holds(body, record, model):
        # No query asks for a multi-picklist, but a whole record shows it.
        asked = {name: value for name, value in body.items() if is_open or name != "nsp::PLANS"}
        assert comparable_paths(asked, model) == (paths, True)
        assert is_whole or asked != body
        assert paths <= set(record)
