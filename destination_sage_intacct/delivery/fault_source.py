"""Where in the source the fault is that a rejection names: the row, its column, the position among its lines."""

import re

from destination_sage_intacct.delivery.actions import Write
from destination_sage_intacct.plan.stream_plan import LINES
from destination_sage_intacct.rejected_rows.rejection import Rejection, Source

# `lines.4.glAccount`, and `lines[4].glAccount` of our own.
_OF_A_LINE = re.compile(r"(\w+)(?:\.|\[)(\d+)\]?(?:\.(.+))?")
_IN_WORDS = re.compile(r"\bline (?:item|number|no\.?) #?(\d+)\b", re.IGNORECASE)


def source_of(write: Write, rejection: Rejection) -> Source:
    """Return where in the rows of a write the fault is that a rejection names.

    Sage Intacct counts the lines of the request: from 0 in a field, from 1 in words. Of an update it holds first those
    that are taken off.
    """
    plan, field = write.plan, rejection.field
    place = _OF_A_LINE.fullmatch(field)
    if place is None and rejection.by_sage and plan.object.lines is not None:
        worded = _IN_WORDS.search(rejection.message)
        place = worded and _OF_A_LINE.fullmatch(f"{LINES}.{int(worded[1]) - 1}{'.' * bool(field)}{field}")
    if place is None:
        return Source(field, plan.mapping.column_behind(field) if field else "")
    name, position, inner = place[1], int(place[2]), place[3] or ""
    at: int | None = position
    if rejection.by_sage and name == LINES and write.sent_lines:
        at = write.sent_lines[position] if position < len(write.sent_lines) else None
    if at is None:
        return Source(field)  # of a line of the record that no row has
    if rejection.by_sage:
        field = f"{name}.{at}{'.' * bool(inner)}{inner}"
    if plan.lines is None or name != LINES:
        return Source(field, plan.mapping.column_behind(name))
    is_one_of_many = rejection.by_sage and 1 < len(write.line_rows) > at
    column = plan.lines.mapping.column_behind(inner) if inner else ""
    return Source(field, column, write.line_rows[at] if is_one_of_many else 0)
