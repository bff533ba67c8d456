"""Sage Intacct's REST API as a Python client, usable without the rest of this package.

    from destination_sage_intacct.intacct import FixedToken, NewRecord, Query, SageError, open_client

    client = open_client("https://api.intacct.com/ia/api/v1", FixedToken("<access token>"), entity="100")
    starluck = NewRecord(b'{"id": "C-1", "name": "Starluck"}', lambda attempt: f"customer C-1, attempt {attempt}")
    [result] = client.create("accounts-receivable/customer", [starluck])
    if isinstance(result, SageError):
        print(result.said, "Support id:", result.support_id)
    else:
        found = client.find(Query("accounts-receivable/customer", ["id", "name"], [{"$eq": {"key": result.key}}]))
        print(found)

Requests are sent once each, in as few API transactions as the data allows, retried only where that cannot write twice,
and never more at a time than the company's limit grants. Every error is an `IntacctError` with a text for the person
who must act; a record that Sage Intacct rejects is a `SageError` in its place of the results.
"""

from destination_sage_intacct.intacct.auth import FixedToken, RenewedTokens, TokenEndpoint, Tokens
from destination_sage_intacct.intacct.bulk import ChangedRecord, NewRecord, Result, Written
from destination_sage_intacct.intacct.client import IntacctClient, open_client
from destination_sage_intacct.intacct.errors import (
    AccessError,
    AuthenticationError,
    ConfigurationError,
    IntacctError,
    OutageError,
    SageError,
)
from destination_sage_intacct.intacct.model import Field, ListedObject, Model
from destination_sage_intacct.intacct.query import Query, Read
from destination_sage_intacct.intacct.session import Traffic
from destination_sage_intacct.intacct.transport import RequestsTransport, Transport

__all__ = [
    "AccessError",
    "AuthenticationError",
    "ChangedRecord",
    "ConfigurationError",
    "Field",
    "FixedToken",
    "IntacctClient",
    "IntacctError",
    "ListedObject",
    "Model",
    "NewRecord",
    "OutageError",
    "Query",
    "Read",
    "RenewedTokens",
    "RequestsTransport",
    "Result",
    "SageError",
    "TokenEndpoint",
    "Tokens",
    "Traffic",
    "Transport",
    "Written",
    "open_client",
]
