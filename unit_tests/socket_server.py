"""A server on a real socket, for what happens to one request on its way."""

import contextlib
import datetime as dt
import ipaddress
import socket
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from destination_sage_intacct.intacct.clock import SystemClock
from destination_sage_intacct.intacct.transport import HttpRequest, RequestsTransport


class Server:
    """A server on a real socket that gives each request the next answer, byte for byte.

    An answer is bytes, or a function of the connection and of an event that says the test is over. What was
    asked is kept in `requests`.
    """

    def __init__(self, *answers, greeting=None):
        self._answers = list(answers)
        self._greeting = greeting
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._open = self._listener
        self.requests = []
        self.connections = 0
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/ia/api/v1"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for each in (self._open, self._listener):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def request(self, method="GET", **settings):
        return HttpRequest(method, f"{self.url}/objects/x", **settings)

    def _serve(self):
        with contextlib.suppress(OSError):
            while self._answers or self._greeting:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open = connection
                with connection:
                    if self._greeting is not None:
                        self._greeting(connection)
                    self._talk(connection)

    def _talk(self, connection):
        with connection.makefile("rb") as reading:
            while self._answers and (line := reading.readline()):
                head = [line]
                while (line := reading.readline()).strip():
                    head.append(line)
                lengths = [int(each.split(b":")[1]) for each in head if each.lower().startswith(b"content-length")]
                body = reading.read(lengths[0] if lengths else 0)
                self.requests.append((b"".join(head).decode(), body))
                answer = self._answers.pop(0)
                if callable(answer):
                    answer(connection, self.ended)
                    return
                connection.sendall(answer)
                if b"Connection: close" in answer:
                    return


def http(body, status="200 OK", *headers, length=None):
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body) if length is None else length}", "", ""]
    return "\r\n".join(lines).encode() + body


def direct_exchange(monkeypatch):
    """An exchange of the real kind, whatever proxy the machine is set to use."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return RequestsTransport(5.0, SystemClock())


def api_certificate(path):
    """A certificate of localhost and api.example that nobody vouches for, with its key, in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.DNSName("api.example"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    unlocked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(certificate.public_bytes(Encoding.PEM) + unlocked)
    return path
