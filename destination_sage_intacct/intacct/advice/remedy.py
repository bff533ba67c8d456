"""One remedy: which errors it is for, what to do about them, and the field at fault."""

import re
from dataclasses import dataclass

from destination_sage_intacct.intacct.errors import SageError

# What Sage Intacct's sentences call a field, and the field's name in the REST API (Sage's OpenAPI).
_FIELDS = {
    "account": "glAccount",
    "account label": "accountLabel",
    "class": "class",
    "contact": "contact",
    "customer": "customer",
    "department": "department",
    "employee": "employee",
    "gl account": "glAccount",
    "item": "item",
    "journal": "glJournal",
    "location": "location",
    "project": "project",
    "term": "term",
    "vendor": "vendor",
}
# A company may rename its terms; these mean fields too, but not always for the same one (fyle-intacct-api).
_RENAMED = ("cost code", "dimension", "entity", "grant", "job", "task", "warehouse")

NOUN = "|".join(sorted((*_FIELDS, *_RENAMED), key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class Remedy:
    """Advice for errors whose number is one of `ids`, or whose words match `words`, or whose status is one of these.

    `name` is what the remedy is called in tests and reports.
    `words` is searched in the error's code, number, message and correction, without regard to case. Its groups may
    catch the field at fault: `path…` catches a path (`/lines/2/isSubtotal`), `noun…` one of `NOUN`, `own…` a word for
    the record's own `id`. `field` is for words that always mean the same field; `about_the_date` for those that mean
    the day on which a document is booked, which each object names in its own way.
    """

    name: str
    advice: str
    words: str = ""
    ids: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    field: str = ""
    about_the_date: bool = False

    def fits(self, error: SageError) -> bool:
        """Return whether the advice is for this error."""
        known = error.error_id in self.ids or error.status in self.statuses
        return known or self._match(error) is not None

    def field_at_fault(self, error: SageError) -> str:
        """Return the field as dotted API name, as far as the error's words name it; otherwise an empty text."""
        match = self._match(error)
        caught = {name: text for name, text in match.groupdict().items() if text} if match else {}
        for name, text in caught.items():
            if name.startswith("path"):
                return text.strip("/").replace("/", ".")
            if name.startswith("own"):
                return "id"
            return _FIELDS.get(text.lower(), self.field)
        return self.field

    def _match(self, error: SageError) -> re.Match[str] | None:
        return re.search(self.words, error.words, re.IGNORECASE | re.DOTALL) if self.words else None
