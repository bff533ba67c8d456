from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from test_comparison import MODEL
from test_comparison_properties import CENTS, INSTANTS, body_of, in_utc, same, two_decimals

from destination_sage_intacct import exact_json
from destination_sage_intacct.rows.comparison import comparable_paths, holds
from destination_sage_intacct.rows.conversion import convert

SPELLINGS = {True: ("true", "T", "Yes", 1, True), False: ("false", "F", "No", 0, False)}


def either(values, held, *forms):
    """Pair a warehouse's form of a value with the form in which the API shows it."""
    return values.flatmap(
        lambda value: st.tuples(st.sampled_from([form(value) for form in forms]), st.just(held(value)))
    )


def decimal(cents):
    return exact_json.decode(two_decimals(cents).encode())


def as_object(name):
    return {"id": name}


def as_json(name):
    return exact_json.encode({"id": name}).decode()


# A text that begins with a brace is JSON, one of blanks nothing.
NAMES = st.text(min_size=1).filter(lambda name: name.strip() and not name.strip().startswith("{"))
WHOLE = st.integers(-(10**18), 10**18)
ROWS: dict[str, st.SearchStrategy[tuple[Any, Any]]] = {
    "id": either(st.text(), str.strip, same, lambda name: f"{name}   "),
    "name": either(WHOLE, str, same, str),
    "isOnHold": st.booleans().flatmap(lambda yes: st.tuples(st.sampled_from(SPELLINGS[yes]), st.just(yes))),
    "healthScore": either(WHOLE, same, same, str, lambda number: f" {number}.0 "),
    "creditLimit": either(CENTS, decimal, decimal, two_decimals, lambda cents: f"{two_decimals(cents)}000"),
    "totalDue": either(CENTS, two_decimals, decimal, two_decimals, lambda cents: f"{two_decimals(cents)}0"),
    "startDate": either(st.dates(), str, str, lambda day: f"{day}T00:00:00-08:00", lambda day: f"{day:%Y%m%d}"),
    "closedAt": either(INSTANTS, in_utc, lambda instant: instant.isoformat(), in_utc),
    "status": either(st.sampled_from(["active", "inactive"]), same, same, str.upper),
    "term": either(NAMES, str.strip, same, as_object, as_json),
    "contacts.default.key": either(st.integers(1, 10**9), str, same, str),
    "contacts.default.mailingAddress.city": either(st.text(), same, same),
}
# `%Y` is not padded for years before 1000 on every platform.
ROWS["startDate"] = ROWS["startDate"].filter(lambda pair: len(pair[0]) >= len("20260131"))


@settings(max_examples=300)
@given(st.fixed_dictionaries({}, optional=ROWS))
def test_whatever_was_converted_and_written_is_held_when_it_is_read_back(pairs):
    made = {path: convert(sent, path, MODEL) for path, (sent, _) in pairs.items()}
    written = exact_json.decode(exact_json.encode(body_of(made)))
    record = {f"{path}.id" if path == "term" else path: held for path, (_, held) in pairs.items()}

    assert comparable_paths(written, MODEL) == (set(record), True)
    assert holds(written, record, MODEL)


@given(st.fixed_dictionaries({}, optional=ROWS))
def test_what_was_converted_stays_the_same_when_it_is_converted_again(pairs):
    for path, (sent, _) in pairs.items():
        made = convert(sent, path, MODEL)
        assert convert(made, path, MODEL) == made
