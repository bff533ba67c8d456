"""What clients that others wrote send to Sage Intacct, and what they need of the answers: facts, none of their code.

Sources, each read in November 2026:

- Fyle: fylein/intacct-rest-sdk-py @f84fe26, what the SDK sends; fylein/fyle-intacct-api @03ad147, what its product asks
  for and writes, and what its own tests of the live API write.
- Keboola: keboola/component-sage-intacct-extractor @eea3396.
- PHP: control-air-enterprises/intacct-php-sdk, the client and its tests.
- TypeScript: lorenz-bus-service/node-intacct-rest-api @1dcbea3, src/core.

Names and amounts are our own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

Json = Any

FYLE, KEBOOLA, PHP, TYPESCRIPT = "Fyle", "Keboola", "PHP", "TypeScript"
CLIENTS = (FYLE, KEBOOLA, PHP, TYPESCRIPT)
QUERY, MODEL, TOKEN = "/services/core/query", "/services/core/model", "/oauth2/token"
DIMENSIONS = "/services/company-config/dimensions/list"
ENTITY_HEADER = "X-IA-API-Param-Entity"
TRANSACTION_HEADER = "X-IA-API-Param-Transaction"
FYLES_PAGE = 2000

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_CLIENT = {"client_id": "demo-client", "client_secret": "demo-secret"}
_ACTIVE = {"$eq": {"status": "active"}}


@dataclass(frozen=True)
class Sent:
    """One request as it goes over the wire: its path is percent-encoded already, its body JSON or a text as it is."""

    method: str
    path: str
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)
    with_token: bool = True


@dataclass(frozen=True)
class Exchange:
    """What a client does in one request, and the parts of the answer without which it fails, with their types."""

    client: str
    does: str
    sent: Sent
    needs: Mapping[str, type]

    def __str__(self) -> str:
        return f"{self.client}: {self.does}"


def _token(
    client: str, does: str, needs: Mapping[str, type], grant: Mapping[str, str], *, as_json: bool = False
) -> Exchange:
    """Return a request of a token: a form, or JSON where the client sends that."""
    body = {**grant, **_CLIENT}
    if as_json:
        return Exchange(client, does, Sent("POST", TOKEN, body, with_token=False), needs)
    return Exchange(client, does, Sent("POST", TOKEN, urlencode(body), _FORM, with_token=False), needs)


_BY_CLIENT = {"grant_type": "client_credentials", "username": "demo@demo"}
_BY_REFRESH = {"grant_type": "refresh_token", "refresh_token": "demo-refresh-token"}
# Fyle's SDK takes all three out of the answer to either grant, and stops where one is missing.
_FYLE_NEEDS = {"access_token": str, "refresh_token": str, "expires_in": int}
_PHP_NEEDS = {"access_token": str, "token_type": str, "expires_in": int}

FYLES_REFRESH = _token(FYLE, "refresh token", _FYLE_NEEDS, _BY_REFRESH)
PHPS_TOKEN = _token(PHP, "client credentials as JSON", _PHP_NEEDS, _BY_CLIENT, as_json=True)
TOKENS = (
    FYLES_REFRESH,
    PHPS_TOKEN,
    _token(FYLE, "client credentials", _FYLE_NEEDS, _BY_CLIENT),
    _token(KEBOOLA, "client credentials", {"access_token": str}, _BY_CLIENT),
    _token(PHP, "refresh token", _PHP_NEEDS, _BY_REFRESH),
    _token(TYPESCRIPT, "client credentials as JSON", {"access_token": str}, _BY_CLIENT, as_json=True),
    _token(TYPESCRIPT, "refresh token", {"access_token": str}, _BY_REFRESH),
)
OF_AN_ENTITY = (
    _token(
        TYPESCRIPT,
        "client credentials of an entity",
        {"access_token": str},
        {**_BY_CLIENT, "username": "demo@demo|100"},
        as_json=True,
    ),
    _token(TYPESCRIPT, "refresh token of an entity", {"access_token": str}, {**_BY_REFRESH, "entity_id": "100"}),
)


def introspect(access_token: str) -> Exchange:
    """Return the PHP client's question about a token, which it signs with the token itself."""
    sent = Sent("POST", "/oauth2/introspect", urlencode({"token": access_token}), _FORM)
    return Exchange(PHP, "introspection", sent, {"active": bool, "user_id": str, "cny_id": str, "exp": int, "iat": int})


def revoke(given: str) -> Exchange:
    """Return the PHP client's revocation of a token."""
    sent = Sent("POST", "/oauth2/revoke", urlencode({**_CLIENT, "token": given}), _FORM, with_token=False)
    return Exchange(PHP, "revocation", sent, {"revoked": bool})


def fyles_count(path: str, *, active: bool) -> Sent:
    """Return Fyle's count of an object: one id, of which only `totalCount` of the answer is read."""
    filters = [_ACTIVE] if active else []
    asked = {"fields": ["id"], "filters": filters, "filterExpression": "and" if filters else None}
    return Sent("POST", QUERY, {"object": path, **asked, "filterParameters": {}, "start": 1, "size": 1})


def fyles_page(
    path: str, fields: tuple[str, ...], filters: tuple[Json, ...], start: int = 1, order: tuple[Json, ...] = ()
) -> Sent:
    """Return a page of Fyle's generator. It goes on at `start` + 2000 for as long as the answer has a `next`."""
    asked = {"fields": fields, "filters": filters, "filterExpression": "and" if filters else None}
    pages = {"filterParameters": {}, "orderBy": order, "start": start, "size": FYLES_PAGE}
    return Sent("POST", QUERY, {"object": path, **asked, **pages})


@dataclass(frozen=True)
class Reading:
    """What Fyle's product reads of an object; of the active records alone, if it says so."""

    path: str
    fields: tuple[str, ...]
    filters: tuple[Json, ...] = (_ACTIVE,)


_NAMED = ("id", "name", "status")
READINGS = (
    Reading("general-ledger/account", ("id", "name", "accountType", "status")),
    Reading("company-config/department", _NAMED),
    Reading("expenses/employee-expense-type", ("id", "description", "glAccount.id", "glAccount.name", "status")),
    Reading(
        "cash-management/credit-card-account",
        ("id", "status"),
        (_ACTIVE, {"$eq": {"accountDetails.accountType": "credit"}}),
    ),
    Reading("cash-management/checking-account", ("id", "bankAccountDetails.bankName", "status")),
    Reading(
        "construction/cost-type",
        (
            *("id", "key", "name", "status", "project.id", "project.name", "project.key"),
            *("task.id", "task.name", "task.key", "audit.createdDateTime", "audit.modifiedDateTime"),
        ),
    ),
    Reading("projects/task", ("key", "name", "project.key", "project.name"), ()),
    Reading(
        "projects/project",
        (*_NAMED, "customer.id", "customer.name", "isBillableEmployeeExpense", "isBillablePurchasingAPExpense"),
    ),
    Reading("inventory-control/item", (*_NAMED, "itemType"), (_ACTIVE, {"$eq": {"itemType": "nonInventory"}})),
    Reading("company-config/location", _NAMED),
    Reading("expenses/employee-expense-payment-type", ("key", "id", "isNonReimbursable")),
    Reading(
        "company-config/employee",
        (*_NAMED, "primaryContact.email1", "primaryContact.printAs", "department.id", "location.id"),
    ),
    Reading("company-config/class", _NAMED),
    Reading("accounts-receivable/customer", _NAMED),
    Reading("tax/tax-detail", ("taxPercent", "id", "taxSolution.id", "status", "taxType")),
    Reading("accounts-payable/vendor", (*_NAMED, "contacts.default.email1")),
    Reading("general-ledger/txn-allocation-template", ("id", "status", "key")),
    Reading(
        "company-config/entity",
        ("id", "name", "operatingCountry"),
        (_ACTIVE, {"$gte": {"audit.modifiedDateTime": "2020-01-01T00:00:00Z"}}),
    ),
)


def keboolas_page(path: str, fields: list[str], filters: list[Json], start: int = 1) -> Sent:
    """Return a page of Keboola's extractor, which asks for private records always and for filters if there are any."""
    asked = {"object": path, "start": start, "size": 1000, "fields": fields}
    private = {"filterParameters": {"includePrivate": True}}
    return Sent("POST", QUERY, {**asked, **private, **({"filters": filters} if filters else {})})


def php_query(path: str, fields: list[str], filters: list[Json]) -> Sent:
    """Return a query of the PHP client, which names every parameter where there are filters."""
    flags = {"includeHierarchyFields": False, "caseSensitiveComparison": True, "includePrivate": False}
    filtered = {"filters": filters, "filterExpression": "and", "filterParameters": flags} if filters else {}
    return Sent("POST", QUERY, {"object": path, "fields": fields, "start": 1, "size": 100, **filtered})


COMPOSITE = "/services/core/composite"


def php_composite(*asked: Json) -> Sent:
    """Return a composite of the PHP client, which leaves away what a request does not need."""
    return Sent("POST", COMPOSITE, list(asked))


def php_moves(path: str, keys: list[str], location: str) -> Sent:
    """Return the PHP client's changes of several records that do not depend on one another."""
    body = {"location": {"key": location}}
    return php_composite(*({"method": "PATCH", "path": f"/objects/{path}/{key}", "body": body} for key in keys))


def php_colleagues(key: str) -> Sent:
    """Return the PHP client's read of an employee, and its query for those of the same department and location."""
    read = {"method": "GET", "path": f"/objects/company-config/employee/{key}", "resultReference": "employee"}
    same = [{"$eq": {f"{name}.key": f"@{{employee.{name}.key}}"}} for name in ("department", "location")]
    asked = {"object": "company-config/employee", "fields": ["id", "department.key"], "filters": same}
    rest = {"filterExpression": "1 and 2", "orderBy": [{"id": "asc"}]}
    return php_composite(read, {"method": "POST", "path": QUERY, "body": {**asked, **rest}})


# What Sage's OpenAPI and the PHP client's tests have as the composite that fails: a job that does not exist.
PHPS_UNKNOWN_JOB = php_composite(
    {
        "method": "GET",
        "path": "/services/core/async/job-status?jobId=NjQ2NTc2MzAzMVl1Ul9qVmd6M2t4M2pPdEJya2J5Y2dBQUFBQTE",
    },
    {"method": "GET", "path": "/objects/company-config/contact/2662"},
)
