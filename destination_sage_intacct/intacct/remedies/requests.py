"""Refusals of a whole request, and what remains when only its status tells something."""

from destination_sage_intacct.intacct.remedies.remedy import Remedy

REQUESTS = (
    # Sage REST guide, bulk requests.
    Remedy(
        "Nothing is wrong with this record: another one of the same request was refused; correct that one.",
        words=r"\bunprocessed\b|atomic transaction",
    ),
    # Sage REST guide, bulk requests; the words are a guess.
    Remedy(
        "Sage Intacct remembers another request under the same key: run the sync again.",
        words=r"idempoten",
    ),
    # intacct-cli; the words are a guess.
    Remedy(
        "The record is too large for one request: shorten its texts or split its lines.",
        words=r"too large|payload size|bulk size",
        statuses=(413,),
    ),
    # Sage's OpenAPI, error-response (1028); Sage's error codes of the gateway.
    Remedy(
        "The request itself was malformed, which no row can cause: report it to the maintainers with the support id.",
        words=r"requires a payload|malformed json|unrecognized key",
        ids=("REST-1028", "REST-1030", "GW-0011", "GW-0014", "GW-0015"),
    ),
    # Sage's code for keys that are no numbers; its text is not shown.
    Remedy(
        "A record key is a number that Sage Intacct gave: map the column that holds `key`, not the visible id.",
        words=r"\binvalidkey\b",
        field="key",
    ),
    # Sage's error codes of the gateway; Sage REST guide, error handling (500, 503).
    Remedy(
        "Sage Intacct could not answer for now, the row is not at fault: run the sync again; if it happens often, "
        "sync at quieter hours or raise `request_timeout_seconds`.",
        words=r"unable to process request|timed? ?out",
        ids=("GW-0001",),
        statuses=(408, 500, 502, 503, 504, 524),
    ),
    # Sage REST guide, error handling (400).
    Remedy(
        "Check the value against the field's type and format in Sage Intacct's REST API reference.",
        words=r"\binvalid\b|\bformat\b|\btype\b",
        statuses=(400,),
    ),
)
