"""The answers of Sage Intacct in refusals.txt: the remedy that each asks for, and the field at fault."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from destination_sage_intacct.intacct.errors import SageError


class Refusal(NamedTuple):
    """An answer about one record, the name of the remedy for it, and the field at fault, as far as it shows one."""

    remedy: str
    error: SageError
    field: str


def _refusals(text: str) -> Iterator[Refusal]:
    for line in text.splitlines():
        if not line.startswith("#"):
            remedy, field, numbers, said = (column.strip() for column in line.split(" | ", 3))
            status, code, error_id = (*numbers.split(), "", "")[:3] if numbers else ("422", "operationFailed", "")
            message, _, correction = said.partition(" => ")
            pointed_at = field[1:] if field.startswith("/") else ""
            error = SageError(message, int(status), code, error_id, pointed_at, correction=correction)
            yield Refusal(remedy, error, field.removeprefix("/"))


REFUSALS = tuple(_refusals((Path(__file__).parent / "refusals.txt").read_text("utf-8")))
