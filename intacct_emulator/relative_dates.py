"""The relative dates that a query's filter may name, such as `priorMonth`. Source: Sage's OpenAPI, core query."""

from datetime import UTC, date, datetime, time, timedelta

NAMES = frozenset(
    {
        "today",
        "yesterday",
        "currentWeek",
        "lastWeek",
        "currentMonth",
        "priorMonth",
        "currentQuarter",
        "priorQuarter",
        "currentYear",
        "priorYear",
    }
)

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


def span(name: str, today: date) -> tuple[datetime, datetime]:
    """Return the first and the last instant of the days that the name means on that day."""
    first, last = _days(name, today)
    return datetime.combine(first, time.min, UTC), datetime.combine(last, time.max, UTC)


def _days(name: str, today: date) -> tuple[date, date]:
    if name in ("today", "yesterday"):
        day = today if name == "today" else today - _DAY
        return day, day
    if name in ("currentWeek", "lastWeek"):
        # guess[week-start]: a week begins on Sunday, as it does in the United States; Sage lets each company choose.
        first = today - _DAY * (today.isoweekday() % 7) - (_WEEK if name == "lastWeek" else timedelta())
        return first, first + _WEEK - _DAY
    months = 1 if name.endswith("Month") else 3 if name.endswith("Quarter") else 12
    # Months since the year 0, down to the first of their period; a fiscal year that begins in January is taken.
    began = (today.year * 12 + today.month - 1) // months * months - (months if name.startswith("prior") else 0)
    return _first_of(began), _first_of(began + months) - _DAY


def _first_of(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)
