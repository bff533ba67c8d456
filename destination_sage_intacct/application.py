"""Airbyte's verbs: spec, check, discover, write. Wires the parts, decides nothing.

It does without the CDK, whose import alone takes four times as long as all of this; `destination.py` wraps it in the
CDK's class.
"""

import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from queue import Empty, Queue
from types import FrameType
from typing import Any, BinaryIO, NoReturn

from destination_sage_intacct.config import (
    Config,
    ConfigError,
    load_spec,
    parse_config,
    read_catalog_file,
    read_config,
    secret_values,
)
from destination_sage_intacct.connect import connect
from destination_sage_intacct.connection_check import check_connection, check_entity, check_token
from destination_sage_intacct.delivery.pipeline import GRACE_SECONDS
from destination_sage_intacct.delivery.policy import RejectedRowsError
from destination_sage_intacct.delivery.progress import PROGRESS_SECONDS, ProgressReporter, WaitReporter
from destination_sage_intacct.delivery.sync import deliver, make_plans
from destination_sage_intacct.discovery.discover import discover
from destination_sage_intacct.discovery.operations import CatalogOperation
from destination_sage_intacct.intacct.clock import StoppedError, SystemClock
from destination_sage_intacct.intacct.errors import ConfigurationError, OutageError
from destination_sage_intacct.plan.build import configured_objects, configured_uses
from destination_sage_intacct.protocol.arguments import (
    CheckCommand,
    Command,
    DiscoverCommand,
    SpecCommand,
    WriteCommand,
    parse_arguments,
)
from destination_sage_intacct.protocol.catalog import CatalogError, read_catalog
from destination_sage_intacct.protocol.failures import Failure, expected, unexpected
from destination_sage_intacct.protocol.messages import (
    Message,
    NoInputError,
    ProtocolError,
    no_input,
    parse_messages,
    read_lines,
)
from destination_sage_intacct.protocol.output import LogHandler, Output, OutputClosedError
from destination_sage_intacct.rejected_rows.storage import check_storage, open_storage, storage_warnings
from destination_sage_intacct.rejected_rows.store import StorageOutageError, StorageRefusedError
from destination_sage_intacct.rows.mapping import MappingError

_OBJECTS_BETWEEN_COLLECTIONS = 50_000
_FAILED = 1
_SIGNALLED = 128  # with the signal's number on top, as shells have it
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# Airbyte's own page gives up after a minute (airbyte issue 45156); check answers before that, whatever the host does.
CHECK_SECONDS = 45.0
_CHECK_WAIT_SECONDS = 20.0
CHECK_TIMEOUT_SECONDS = 18
CHECK_RETRIES = 1
# Airbyte waits nine minutes for the answer of discover.
_DISCOVER_WAIT_SECONDS = 240.0

_TOO_SLOW = (
    f"The check did not get every answer within {CHECK_SECONDS:.0f} seconds, from Sage Intacct or from the object "
    "storage. Check that both are up and can be reached from where the connector runs, and that no firewall or proxy "
    "blocks it; then test again."
)
_LONG_END_SECONDS = 3.0
_ENDING = (
    "Asked to stop ({}): nothing more is sent; requests that were sent are waited for, "
    f"{GRACE_SECONDS:.0f} seconds at most."
)

_TO_BE_CHANGED = (
    ConfigError,
    CatalogError,
    MappingError,
    ConfigurationError,
    RejectedRowsError,
    StorageRefusedError,
    NoInputError,
)
_TO_BE_TRIED_AGAIN = (OutageError, StorageOutageError)


class Application:
    """One run of the connector; everything it reports goes to one output.

    Args:
        stream: takes Airbyte's messages.
        progress_seconds: from one line about how far a stream is to the next.
    """

    def __init__(self, stream: BinaryIO, progress_seconds: float = PROGRESS_SECONDS) -> None:
        self._output = Output(stream)
        self._clock = SystemClock()
        self._waits = WaitReporter(self._output, self._clock).begin
        self._progress_seconds = progress_seconds
        self._signal: signal.Signals | None = None

    def check(self, config: Mapping[str, Any]) -> str | None:
        """Try the configuration without writing; return the first thing wrong and the remedy, None if all is right."""
        self._output.hide(secret_values(config))
        try:
            parsed = parse_config(config)
            self._tell_ignored(parsed)
            check_storage(parsed)
            impatient = replace(
                parsed,
                request_timeout_seconds=min(parsed.request_timeout_seconds, CHECK_TIMEOUT_SECONDS),
                max_retries=min(parsed.max_retries, CHECK_RETRIES),
            )
            client = connect(impatient, config, self._output, self._clock, _CHECK_WAIT_SECONDS, waits=self._waits)
            for unproved in check_connection(parsed, client, configured_objects(parsed), configured_uses(parsed)):
                self._output.log("WARN", unproved)
            open_storage(parsed)
            for notice in storage_warnings(parsed):
                self._output.log("WARN", notice)
        except (*_TO_BE_CHANGED, *_TO_BE_TRIED_AGAIN) as error:
            return self._output.masked(str(error))
        return None

    def discover(self, config: Mapping[str, Any]) -> list[CatalogOperation]:
        """Return what can be done with every object that the user may write; nothing is written.

        Raises:
            ConfigError, ConfigurationError: a person must act.
            OutageError: trying again later helps.
            StoppedError: the run was asked to stop.
        """
        self._output.hide(secret_values(config))
        parsed = parse_config(config)
        client = connect(
            parsed, config, self._output, self._clock, _DISCOVER_WAIT_SECONDS, can_store=False, waits=self._waits
        )
        for unproved in (*check_token(parsed, client, writes=False), *check_entity(parsed, client)):
            self._warn(unproved)
        return discover(client, parsed.max_concurrency, self._warn)

    def write(self, config: Mapping[str, Any], catalog: Mapping[str, Any], messages: Iterable[Message | None]) -> None:
        """Write every row; a STATE goes to the output as soon as its rows are settled, verbatim.

        Raises:
            ConfigError, CatalogError, MappingError, ConfigurationError, RejectedRowsError: a person must act.
            StorageRefusedError: a person must act before rejected rows can be stored.
            OutageError, StorageOutageError: trying again later helps.
            ProtocolError: the input is not what Airbyte promises.
            StoppedError: the run was asked to stop.
        """
        self._output.hide(secret_values(config))
        parsed = parse_config(config)
        self._tell_ignored(parsed)
        check_storage(parsed)
        streams = read_catalog(catalog)
        client = connect(parsed, config, self._output, self._clock, waits=self._waits, detail=self._detail)
        with ThreadPoolExecutor(1, thread_name_prefix="proof") as thread:
            proof = thread.submit(lambda: [*check_token(parsed, client), *check_entity(parsed, client)])
            try:
                plans = make_plans(parsed, streams, client, self._output)
            finally:
                # Another company or entity is the cause of whatever the plans failed at.
                unproved = proof.result()
        for warning in unproved:
            self._output.log("WARN", warning)
        # Before the first row: one that was rejected and could not be stored would have to be sent again.
        storage = None if parsed.dry_run else open_storage(parsed, streams)
        for notice in storage_warnings(parsed):
            self._output.log("WARN", notice)
        # Objects that exist now live to the end, and rows hold no cycles: frequent collections would take a tenth of
        # the time.
        gc.freeze()
        gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
        progress = ProgressReporter(self._output, self._clock, lambda: client.in_flight, self._progress_seconds)
        deliver(parsed, plans, client, messages, self._output, self._clock, storage, progress.watching)

    def run(self, args: Sequence[str]) -> None:
        """Run one command of the command line.

        Raises:
            SystemExit: with 1 after a failure that a TRACE ERROR explains, with 143 after SIGTERM, 130 after SIGINT.
        """
        command = parse_arguments(args)
        logging.getLogger().handlers = [LogHandler(self._output)]
        self._end_on_signals(command)
        try:
            failure = self._run_guarded(command)
            if failure is not None and self._signal is None:
                self._output.error(failure.text, failure.type, failure.internal, None)
        except OutputClosedError as error:
            # The platform no longer reads; what was not acknowledged will be sent again.
            say_on_stderr(f"Standard output takes no more data ({error}), so the run ends; nothing is lost.")
            _end(_FAILED)
        if self._signal is not None:
            _end(_SIGNALLED + self._signal)
        if failure is not None:
            _end(_FAILED)

    def _run_guarded(self, command: Command) -> Failure | None:
        try:
            self._run_command(command)
        except _TO_BE_CHANGED as error:
            if isinstance(error, NoInputError):
                say_on_stderr(str(error))
            return expected(error, "config_error")
        except _TO_BE_TRIED_AGAIN as error:
            return expected(error, "transient_error")
        except ProtocolError as error:
            return expected(error, "system_error")
        except StoppedError:
            return None
        except OutputClosedError:
            raise
        except Exception as error:  # noqa: BLE001 - the last resort, reported as a defect of this connector
            return unexpected(error)
        return None

    def _run_command(self, command: Command) -> None:
        match command:
            case SpecCommand():
                self._output.spec(load_spec())
            case CheckCommand(config):
                wrong = within(CHECK_SECONDS, lambda: self._wrong_with(config))
                # Airbyte's clients end the process once they have the answer; that is not a failure.
                for number in _SIGNALS:
                    signal.signal(number, signal.SIG_IGN)
                self._output.connection_status(wrong)
            case DiscoverCommand(config):
                self._output.destination_catalog(self.discover(read_config(config)))
            case WriteCommand(config, catalog):
                _check_medium()
                lines = read_lines(_standard_input(), lambda: self._clock.stopped)
                self.write(read_config(config), read_catalog_file(catalog), parse_messages(lines))

    def _warn(self, text: str) -> None:
        self._output.log("WARN", text)

    def _detail(self, text: str) -> None:
        self._output.log("DEBUG", text)

    def _tell_ignored(self, config: Config) -> None:
        for notice in config.ignored_settings:
            self._warn(notice)

    def _wrong_with(self, path: Path) -> str | None:
        try:
            return self.check(read_config(path))
        except ConfigError as error:
            return str(error)

    def _end_on_signals(self, command: Command) -> None:
        """Let the requests of a write that were sent be answered, but no longer than a container is given to end."""

        def end(number: int, frame: FrameType | None) -> None:
            del frame
            if not isinstance(command, WriteCommand):
                os._exit(_SIGNALLED + number)  # nothing is half done, and threads may wait for an answer
            if self._signal is None:
                self._signal = signal.Signals(number)
                self._clock.stop()
                _later(_LONG_END_SECONDS, lambda: say_on_stderr(_ENDING.format(signal.Signals(number).name)))
                _later(GRACE_SECONDS, lambda: os._exit(_SIGNALLED + number))

        for each in _SIGNALS:
            signal.signal(each, end)


def within(seconds: float, check: Callable[[], str | None]) -> str | None:
    """Return what a check says, or that it took too long."""
    said: Queue[str | Exception | None] = Queue()

    def run() -> None:
        try:
            said.put(check())
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits
            said.put(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        answer = said.get(timeout=seconds)
    except Empty:
        return _TOO_SLOW
    if isinstance(answer, Exception):
        raise answer
    return answer


def _check_medium() -> None:
    """Raise if Airbyte is about to send rows in a way that this connector does not read."""
    if os.environ.get("DATA_CHANNEL_MEDIUM", "").upper() == "SOCKET":
        raise ConfigError(
            "Airbyte is set up to send rows through sockets (DATA_CHANNEL_MEDIUM=SOCKET), but this connector reads "
            "them from its standard input. Unset it for this connector."
        )


def _later(seconds: float, action: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, action)
    timer.daemon = True
    timer.start()


def say_on_stderr(text: str) -> None:
    """Write a line for a person where stdout may not accept one; raises nothing."""
    # If the process started without stderr, its number may belong to a connection by now.
    with suppress(OSError, ValueError, AttributeError):
        os.write(sys.stderr.fileno(), f"{text}\n".encode())


def _standard_input() -> int:
    """Return the descriptor of the input. Raises NoInputError if the process was started without one."""
    if sys.stdin is None:
        raise no_input("there is none")
    return sys.stdin.fileno()


def _end(code: int) -> NoReturn:
    """End the process, also while another thread waits for an answer."""
    if any(thread is not threading.current_thread() and not thread.daemon for thread in threading.enumerate()):
        os._exit(code)
    raise SystemExit(code)
