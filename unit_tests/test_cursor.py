from datetime import UTC, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.rows.cursor import Cursor, cursor_of, is_older

OLDER_AND_NEWER = [
    (1, 2), (9, 10), (Decimal("1.5"), 2), (Decimal("1.50"), Decimal("1.51")), (10**30, 10**30 + 1),
    ("2026-03-01", "2026-03-02"), ("2026-03-01T08:00:00Z", "2026-03-01T08:00:01Z"),
    ("2026-03-01T08:00:00.9Z", "2026-03-01T08:00:01Z"),
    ("2026-03-01T08:00:00Z", "2026-03-01T08:00:00.000001Z"),
    ("2026-03-01T10:00:00+02:00", "2026-03-01T08:30:00Z"),
    ("2026-03-01 08:00:00 UTC", "2026-03-01 08:00:00.000002 UTC"),
    ("2026-03-01 08:00:00.0000000 +00:00", "2026-03-01 09:00:00.0000000 +00:00"),
    ("2026-03-01T08:00:00.123456789Z", "2026-03-01T08:00:00.123457Z"),
    ("2026-03-01T08:00:00", "2026-03-01 08:00:01.5"), ("2026-03-01", "2026-03-01T08:00:00"),
    ("00000025:00000d98:00a2", "00000025:00000d98:00a3"),
    ("01HQZX", "01HQZZ"),
]  # fmt: skip
NOT_COMPARABLE = [
    (None, 1), (1, None), (1, "2"), (True, 2), (["x"], ["y"]), ("", "a"), ("9", "10"), ("10", "9"), ("a", "B"),
    ("B", "a"), ("2026-03-01T08:00:00", "2026-03-01T09:00:00Z"), ("2026-03-01T08:00:00Z", "a later version here"),
    ("x" * 65, "y" * 65), *((same, same) for same in (7, "2026-03-01T08:00:00Z", "0a", Decimal("1.0"))),
]  # fmt: skip


@pytest.mark.parametrize(("older", "newer"), OLDER_AND_NEWER)
def test_of_two_cursors_one_is_older(older, newer):
    assert is_older(cursor_of(older), cursor_of(newer))
    assert not is_older(cursor_of(newer), cursor_of(older))


@pytest.mark.parametrize(("one", "other"), NOT_COMPARABLE)
def test_where_the_order_is_not_sure_neither_is_older(one, other):
    assert not is_older(cursor_of(one), cursor_of(other))
    assert not is_older(cursor_of(other), cursor_of(one))


INSTANTS, ZONES = st.datetimes(timezones=st.just(UTC)), st.integers(-14, 14)


@given(INSTANTS, INSTANTS, ZONES, ZONES)
def test_instants_keep_their_order_in_any_zone(one, other, zone, other_zone):
    def spelled(instant, hours):
        try:
            return instant.astimezone(timezone(timedelta(hours=hours))).isoformat()
        except OverflowError:
            return instant.isoformat()

    assert is_older(cursor_of(spelled(one, zone)), cursor_of(spelled(other, other_zone))) == (one < other)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+14:00"])
def test_points_in_time_at_the_ends_of_the_calendar_have_an_order(text):
    cursor = cursor_of(text)
    assert isinstance(cursor, Cursor)
    assert -(1 << 63) < int(cursor.value) < 1 << 63
