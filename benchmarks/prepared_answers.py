"""The connector without a network: run as a program it is the connector, and every request is answered at once.

All else is real: the lines on standard input, the threads, the encoding of requests and the decoding of answers.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from threading import Lock

import msgspec

from destination_sage_intacct import connect, exact_json
from destination_sage_intacct.application import Application
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.transport import HttpRequest

# Nothing listens there: a request that slipped past the prepared answers would fail at once.
NOWHERE = "http://127.0.0.1:9/ia/api/v1"

_CREATED = 201
_FORBIDDEN = 403
_NO_MODEL = Answer(_FORBIDDEN, {}, {"ia::result": {"ia::error": {"code": "forbidden", "message": "no model"}}})

_Parts = msgspec.json.Decoder(list[msgspec.Raw])


class PreparedAnswers:
    """Takes the place of `RequestsTransport`: creates succeed with record keys 1, 2, 3 ..., all else is forbidden.

    An answer is written as the server writes it and decoded as the connector does.
    """

    def __init__(self, *_settings: object, **_named: object) -> None:
        self._numbers = count(1)
        self._lock = Lock()

    def __call__(self, request: HttpRequest) -> Answer:
        if request.method != "POST" or request.body is None or "/objects/" not in request.url:
            return _NO_MODEL
        return Answer(_CREATED, {}, exact_json.decode(self.written(request.body)))

    def written(self, body: bytes) -> bytes:
        """Return the server's answer to a create of one record or of a list."""
        if not body.startswith(b"["):
            return b'{"ia::result":%b,"ia::meta":{"totalCount":1,"totalSuccess":1,"totalError":0}}' % self._results(1)
        records = len(_Parts.decode(body))
        meta = b'{"totalCount":%d,"totalSuccess":%d,"totalError":0}' % (records, records)
        return b'{"ia::result":[%b],"ia::meta":%b}' % (self._results(records), meta)

    def _results(self, records: int) -> bytes:
        with self._lock:
            keys = [next(self._numbers) for _ in range(records)]
        return b",".join(b'{"key":"%d","href":"/objects/accounts-receivable/customer/%d"}' % (key, key) for key in keys)


@contextmanager
def in_place_of_the_network() -> Iterator[None]:
    """Let every client that is wired in the block talk to prepared answers."""
    real = vars(connect)["RequestsTransport"]
    vars(connect)["RequestsTransport"] = PreparedAnswers
    try:
        yield
    finally:
        vars(connect)["RequestsTransport"] = real


if __name__ == "__main__":
    with in_place_of_the_network():
        Application(sys.stdout.buffer).run(sys.argv[1:])
