"""The nine objects: path, identity, required on create, aliases. What the model service does not report.

Sources: Sage's OpenAPI (required properties, also of lines; settable at create only) and live model answers;
`required` is false for every field there, so the service cannot be asked. What another source contradicts is not
required here, and Sage Intacct decides: a term gives the due date (Sage's help on CSV import; the older API), a company
of one currency needs no currency (the older API), and only some companies a location (an allocation may replace it).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from destination_sage_intacct.intacct.model import CUSTOM_OBJECTS

CUSTOM_OBJECT = "Custom object"


@dataclass(frozen=True, slots=True)
class LineRules:
    """What the lines of a document need, in its field `lines`.

    `least`: the number of lines that a document has at least. `needs`: of each entry a new line has at least one;
    dotted paths. `must_balance`: debits and credits are equal (`txnType` and `txnAmount`).
    """

    least: int
    needs: tuple[tuple[str, ...], ...]
    must_balance: bool = False


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One object as the configuration names it.

    `unique_id`: its `id` can be given on create and is unique in the company, so that the server refuses the same
    record a second time; documents have numbers that it does not hold unique.

    `ids_within`: the reference within whose record the ids may be unique only; an id alone may then find the record of
    another.

    `unique_numbers`: other fields that identify its records, each entry alone or its fields together; dotted paths.

    `create_only` adds to what the model service says: fields that a PATCH cannot change.

    `dated_by`: the field with the day on which a document is booked, which must be in an open period. A bill may
    name another one in `postingDate`.

    `aliases` maps the start of a field path to where the API has it: older pages, among them the one that this
    connector follows, write `displayContact.email1` and `zip`.
    """

    label: str
    path: str
    required: tuple[str, ...]
    has_status: bool = True
    unique_id: bool = False
    ids_within: str = ""
    unique_numbers: tuple[tuple[str, ...], ...] = ()
    create_only: tuple[str, ...] = ()
    lines: LineRules | None = None
    dated_by: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_custom(self) -> bool:
        """Return whether the company has made the object; key and id of its records are the same (Sage REST guide)."""
        return self.path.startswith(CUSTOM_OBJECTS)

    @property
    def natural_keys(self) -> tuple[tuple[str, ...], ...]:
        """Return the fields that identify its records besides the record key, those of each entry together."""
        if self.ids_within:
            return ((f"{self.ids_within}.id", "id"), *self.unique_numbers)
        is_another = self.label not in OBJECT_TYPES and not self.is_custom
        by_id = (("id",),) if self.unique_id or is_another else ()
        return (*by_id, *self.unique_numbers)


_CONTACT_OF_A_GROUP = {
    "displayContact.mailingAddress.zip": "contacts.default.mailingAddress.postCode",
    "mailingAddress.zip": "contacts.default.mailingAddress.postCode",
    "displayContact": "contacts.default",
    "mailingAddress": "contacts.default.mailingAddress",
    "contacts.default.mailingAddress.zip": "contacts.default.mailingAddress.postCode",
}
_CONTACT_ITSELF = {
    "displayContact.mailingAddress.zip": "mailingAddress.postCode",
    "mailingAddress.zip": "mailingAddress.postCode",
    "displayContact": "",
}

OBJECT_TYPES: Mapping[str, ObjectType] = {
    entry.label: entry
    for entry in (
        ObjectType("Customer", "accounts-receivable/customer", ("name",), unique_id=True, aliases=_CONTACT_OF_A_GROUP),
        ObjectType("Vendor", "accounts-payable/vendor", ("name",), unique_id=True, aliases=_CONTACT_OF_A_GROUP),
        ObjectType(
            "Invoice",
            "accounts-receivable/invoice",
            ("customer", "invoiceDate", "lines"),
            has_status=False,
            # As with bills: nothing keeps two customers from having invoices of the same number.
            unique_numbers=(("customer.id", "invoiceNumber"),),
            lines=LineRules(1, (("txnAmount",), ("glAccount", "accountLabel"))),
            dated_by="invoiceDate",
        ),
        ObjectType(
            "Bill",
            "accounts-payable/bill",
            ("vendor", "createdDate", "lines"),
            has_status=False,
            # Two vendors may give their bills the same number.
            unique_numbers=(("vendor.id", "billNumber"),),
            # A company may use account labels; a bill that includes tax gives the total of its lines.
            lines=LineRules(1, (("txnAmount", "totalTxnAmount"), ("glAccount", "accountLabel"))),
            dated_by="createdDate",
        ),
        ObjectType(
            "Journal Entry",
            "general-ledger/journal-entry",
            ("glJournal", "postingDate", "description", "lines"),
            has_status=False,
            create_only=("state",),
            lines=LineRules(2, (("txnAmount",), ("txnType",), ("glAccount",)), must_balance=True),
            dated_by="postingDate",
        ),
        ObjectType("Employee", "company-config/employee", ("primaryContact",), unique_id=True),
        ObjectType("Contact", "company-config/contact", ("id", "printAs"), unique_id=True, aliases=_CONTACT_ITSELF),
        ObjectType("Project", "projects/project", ("name", "category"), unique_id=True),
        ObjectType("GL Account", "general-ledger/account", ("id", "name"), unique_id=True),
    )
}

# Whether the id of a task is unique alone or only in its project is not documented.
_OTHERS = (ObjectType("projects/task", "projects/task", (), ids_within="project"),)
_BY_PATH = {entry.path: entry for entry in (*OBJECT_TYPES.values(), *_OTHERS)}


def object_at(path: str) -> ObjectType:
    """Return what is known of the object at `accounts-receivable/customer`; a plain entry for any other path."""
    return _BY_PATH.get(path) or ObjectType(label=path, path=path, required=())


def resolve_alias(aliases: Mapping[str, str], path: str) -> str:
    """Replace the longest start of a field path that is an alias, in any case; the path itself when there is none."""
    folded = {alias.casefold(): real for alias, real in aliases.items()}
    parts = path.split(".")
    for depth in range(len(parts), 0, -1):
        real = folded.get(".".join(parts[:depth]).casefold())
        if real is not None:
            return ".".join(part for part in (real, *parts[depth:]) if part)
    return path
