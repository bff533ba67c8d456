"""One remedy: which errors it is for, what to do about them, and the field at fault."""

import re
from dataclasses import dataclass

# What Sage Intacct's sentences call a field, and the field's name in the REST API (Sage's OpenAPI).
_FIELDS = {
    "account": "glAccount",
    "account label": "accountLabel",
    "account number": "glAccount",
    "class": "class",
    "contact": "contact",
    "customer": "customer",
    "customer type": "customerType",
    "department": "department",
    "employee": "employee",
    "gl account": "glAccount",
    "gl journal": "glJournal",
    "item": "item",
    "journal": "glJournal",
    "location": "location",
    "project": "project",
    "project type": "projectType",
    "term": "term",
    "vendor": "vendor",
    "vendor type": "vendorType",
}
# These mean fields too, but not always the same one; a company may rename its terms (fyle-intacct-api).
_RENAMED = (
    "allocation",
    "bank account",
    "checking account",
    "contract",
    "cost code",
    "cost type",
    "credit card",
    "credit card account",
    "dimension",
    "entity",
    "expense type",
    "grant",
    "job",
    "savings account",
    "supplier",
    "task",
    "warehouse",
)
_NUMBERS = {"bill": "billNumber", "invoice": "invoiceNumber"}

NOUN = "|".join(sorted((*_FIELDS, *_RENAMED), key=len, reverse=True))

# Words that make a noun mean a detail of it: with "Vendor tax id is invalid", no vendor is missing.
_DETAIL = (
    "address|amount|as|balance|bank|because|bill|city|country|currency|date|due|e-?mail|for|format|has|have|in|invoice|"
    "is|line|name|of|on|or|phone|rate|routing|state|status|tax|that|to|type|url|used|value|vat|which|with|zip"
)
_ABSENT = (
    r"(?:(?:is|are|was) )?(?:not valid|not found|not recogni[sz]ed|invalid|unknown)"
    r"|do(?:es)?(?: not|n.t) exist|(?:could(?: not|n.t)|can(?: ?not|.t)) be found"
)


def absent(noun: str) -> str:
    """Return the pattern of sentences by which Sage Intacct says that something it was referred to is not there.

    Args:
        noun: a pattern of what is not there; it may have groups.
    """
    return rf"\b(?:{noun})\b(?:(?![\s:,]+(?:{_DETAIL})\b)[\s:,]+[^\s:,]+){{0,6}}?[\s:,]+(?:{_ABSENT})\b"


@dataclass(frozen=True, slots=True)
class Remedy:
    """Advice for errors whose number is one of `ids`, or whose words match `words`, or whose status is one of these.

    `name` is what the remedy is called in tests and reports.
    `words` is searched in the error's code, number and reason, without regard to case. Its groups may catch the field
    at fault: `path…` catches a path (`/lines/2/isSubtotal`), `noun…` one of `NOUN`, `number…` a document whose number
    is meant, `own…` a word for the record's own `id`. `field` is for words that always mean the same field;
    `about_the_date` for those that mean the day on which a document is booked, which each object names in its own way.
    """

    name: str
    advice: str
    words: str = ""
    ids: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    field: str = ""
    about_the_date: bool = False

    def match(self, text: str) -> re.Match[str] | None:
        """Return where the words are in a text; None where they are not."""
        return re.search(self.words, text, re.IGNORECASE | re.DOTALL) if self.words else None

    def field_in(self, match: re.Match[str] | None) -> str:
        """Return the field's dotted API name, if the matched words name it; otherwise an empty text."""
        caught = {name: text for name, text in match.groupdict().items() if text} if match else {}
        for name, text in caught.items():
            if name.startswith("path"):
                return text.strip("/").replace("/", ".")
            if name.startswith("own"):
                return "id"
            if name.startswith("number"):
                return _NUMBERS.get(text.lower(), self.field)
            return _FIELDS.get(text.lower(), self.field)
        return self.field
