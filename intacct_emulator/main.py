"""The command `intacct-emulator`: reads the flags, serves until it is stopped."""

import argparse
import asyncio
import contextlib
import socket
import sys
from collections.abc import Sequence
from datetime import date
from typing import get_args

import uvicorn

from intacct_emulator.application import BASE, build
from intacct_emulator.connection import CuttableProtocol
from intacct_emulator.settings import (
    Apostrophes,
    BadTokenForm,
    BillState,
    CachedDate,
    CustomObjectId,
    IdsUniqueIn,
    InlineContact,
    KeyConflicts,
    LimitHeaders,
    PartialForm,
    PartialStatus,
    PrivateByKey,
    PrivateEntities,
    PutMethod,
    ReferenceBy,
    RefreshAnswer,
    Settings,
    SharedRecords,
    TaskIdsUniqueIn,
    ThrottleHeaders,
    UnknownEntity,
    UpdateMethod,
    WholeNames,
)

_DEFAULTS = Settings()


def parser() -> argparse.ArgumentParser:
    """Return the flags. Each is described in docs/emulator.md."""
    flags = argparse.ArgumentParser(prog="intacct-emulator", description="Emulates the Sage Intacct REST API.")
    add = flags.add_argument

    def choose(name: str, readings: object, text: str) -> None:
        default = getattr(_DEFAULTS, name.removeprefix("--").replace("-", "_"))
        add(name, choices=get_args(readings), default=default, help=text)

    add("--host", default=_DEFAULTS.host, help="address to listen on (default: %(default)s)")
    add("--port", type=int, default=_DEFAULTS.port, help="port to listen on; 0 takes a free one")
    add("--concurrency", type=int, default=_DEFAULTS.concurrency, metavar="N", help="requests in flight at most")
    add("--latency-ms", type=float, default=_DEFAULTS.latency_ms, metavar="N", help="time each request takes")
    add(
        "--latency-per-record-ms",
        type=float,
        default=_DEFAULTS.latency_per_record_ms,
        metavar="N",
        help="time each record written or queried adds",
    )
    add(
        "--latency-spread",
        type=float,
        default=_DEFAULTS.latency_spread,
        metavar="SIGMA",
        help="draw these times from a long-tailed distribution with the same mean",
    )
    add(
        "--latency-seed",
        type=int,
        default=_DEFAULTS.latency_seed,
        metavar="N",
        help="the seed of the draws",
    )
    add(
        "--access-token-seconds",
        type=float,
        default=_DEFAULTS.access_token_seconds,
        metavar="N",
        help="lifetime of an access token",
    )
    add("--rotate-refresh-tokens", action="store_true", help="a refresh token can be used once")
    choose("--update-method", UpdateMethod, "verb of an update")
    choose("--put", PutMethod, "what an update by PUT does to the fields that it does not name")
    choose("--ids-unique-in", IdsUniqueIn, "the scope in which an id is unique")
    choose("--task-ids-unique-in", TaskIdsUniqueIn, "the scope in which the id of a task is unique")
    choose("--reference-by", ReferenceBy, "what decides where key and id of a reference name two records")
    choose("--inline-contact", InlineContact, "what happens to a contact's details inside another record")
    choose("--key-conflicts", KeyConflicts, "whether the refusal of an Idempotency-Key names it")
    choose("--partial-form", PartialForm, "how a batch fails")
    choose("--whole-names", WholeNames, "what the refusal of a whole batch says about the records at fault")
    choose("--partial-status", PartialStatus, "the status of a batch that fails in part")
    choose("--bad-token-form", BadTokenForm, "how a bad token is refused")
    choose("--throttle-headers", ThrottleHeaders, "headers of a 429")
    choose("--limit-headers", LimitHeaders, "what every answer says about the limit of requests in flight")
    add(
        "--retry-after-seconds",
        type=int,
        default=_DEFAULTS.retry_after_seconds,
        metavar="N",
        help="what the headers of a 429 say",
    )
    choose("--cached-date", CachedDate, "which answers to a keyed request carry the date of storing")
    choose("--custom-object-id", CustomObjectId, "what happens to an id that a record of a custom object is given")
    choose("--refresh-answer", RefreshAnswer, "whether a refresh grant answers the refresh token too")
    choose("--unknown-entity", UnknownEntity, "what happens to a request for an entity that does not exist")
    choose("--bill-state", BillState, "the state of a new bill that names none")
    add("--bill-approval", action="store_true", help="a bill that is submitted is posted when it is approved")
    add(
        "--duplicate-status",
        type=int,
        choices=(400, 409, 422),
        default=_DEFAULTS.duplicate_status,
        help="the status of a second record with the same id",
    )
    add("--no-arrays", dest="arrays", action="store_false", help="refuse several records in one write")
    add("--no-query", dest="query", action="store_false", help="forbid the query service")
    add("--no-model", dest="model", action="store_false", help="forbid the model service")
    add("--no-demo-data", dest="demo_data", action="store_false", help="start with nothing but entities and tokens")
    choose(
        "--private-entities",
        PrivateEntities,
        "which records of an entity are private, seen at the top level only by a query with includePrivate",
    )
    choose("--private-by-key", PrivateByKey, "whether a key alone reaches private records at the top level")
    choose("--shared-records", SharedRecords, "which records of the top level are seen in an entity")
    choose("--apostrophes", Apostrophes, "how an apostrophe is written in a value of a query's filter")
    add(
        "--closed-until",
        type=date.fromisoformat,
        default=_DEFAULTS.closed_until,
        metavar="YYYY-MM-DD",
        help="the books are closed up to this day",
    )
    add(
        "--job-seconds",
        type=float,
        default=_DEFAULTS.job_seconds,
        metavar="N",
        help="how long a request that is answered later waits, and then takes",
    )
    return flags


def main(arguments: Sequence[str] | None = None) -> None:
    """Serves until SIGTERM or SIGINT."""
    settings = Settings(**vars(parser().parse_args(arguments)))
    try:
        listener = _listen(settings)
    except OSError as error:
        sys.exit(f"intacct-emulator: cannot listen on {settings.host}:{settings.port}: {error.strerror}")
    with listener, contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(settings, listener))


def _listen(settings: Settings) -> socket.socket:
    """Return a listening socket. Its protocol is named, without which asyncio leaves Nagle's delay of 40 ms on."""
    found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address)
    listener.listen(2048)
    return listener


async def _serve(settings: Settings, listener: socket.socket) -> None:
    config = uvicorn.Config(
        build(settings),
        http=CuttableProtocol,
        log_level="warning",
        lifespan="off",
        access_log=False,
        date_header=False,  # answers carry the date of the company's clock
        timeout_keep_alive=3600,
        timeout_graceful_shutdown=1,
    )
    await _Server(config).serve(sockets=[listener])


class _Server(uvicorn.Server):
    """Says where it listens as soon as it accepts connections."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            host, port = listener.getsockname()[:2]
            sys.stdout.write(f"listening on http://{host}:{port}{BASE}\n")
            sys.stdout.flush()
