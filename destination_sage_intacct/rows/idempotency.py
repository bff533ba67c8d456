"""The Idempotency-Key of a create: the same row gives the same key, in a resend and in a replay after a crash.

The server keeps an answer under its key for 48 hours and repeats it instead of working (Sage REST guide, bulk
requests). A key that is derived too little books twice; one that is derived too much swallows a write that was
meant. So it is made of the company, the entity, the object, the stream, the row's own key and the whole body.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from destination_sage_intacct import exact_json


def create_key(scope: Sequence[str], identity: Sequence[Any], body: bytes) -> str:
    """Return the key of one create: 64 hexadecimal digits.

    Args:
        scope: company, entity, object path, namespace and stream.
        identity: the values of the row's natural or primary key; for a row without any, the sync's id and the
            row's ordinal among rows of equal body.
        body: the encoded body.
    """
    return sha256(exact_json.encode([list(scope), list(identity)]) + body).hexdigest()


def body_digest(body: bytes) -> int:
    """Return a short number for a body, to count equal ones."""
    return int.from_bytes(sha256(body).digest()[:8])


def key_of_attempt(key: str, sync_id: str | None, attempt: int) -> str:
    """Return the key of an attempt at a create: the row's own for attempt 0, then one for each stored failure.

    The first new one is tied to the sync, so that a row which fails in every sync needs two requests and not one
    more each time; later ones only count.
    """
    if not attempt:
        return key
    return f"{key}-{sync_id}-{attempt}" if sync_id else f"{key}-{attempt}"
