"""Airbyte's verbs: spec, check, write. Wires the parts, decides nothing."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO, Literal

from airbyte_cdk.destinations import Destination
from airbyte_cdk.models import (
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteMessageSerializer,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteCatalogSerializer,
    ConnectorSpecification,
    ConnectorSpecificationSerializer,
    Status,
)

from destination_sage_intacct import exact_json
from destination_sage_intacct.config import (
    ConfigError,
    load_spec,
    parse_config,
    read_catalog_file,
    read_config,
    secret_values,
)
from destination_sage_intacct.connection_check import check_connection
from destination_sage_intacct.delivery.policy import RejectedRowsError
from destination_sage_intacct.delivery.sync import deliver, make_plans
from destination_sage_intacct.intacct.clock import StoppedError, SystemClock
from destination_sage_intacct.intacct.errors import ConfigurationError, OutageError
from destination_sage_intacct.plan import configured_objects
from destination_sage_intacct.protocol.arguments import Check, Command, Spec, Write, parse_arguments
from destination_sage_intacct.protocol.catalog import CatalogError, read_catalog
from destination_sage_intacct.protocol.failures import Failure, defect, where
from destination_sage_intacct.protocol.messages import Message, ProtocolError, parse_line, parse_messages, read_lines
from destination_sage_intacct.protocol.output import LogHandler, Output
from destination_sage_intacct.rows.mapping import MappingError
from destination_sage_intacct.wiring import connect

_FAILED = 1
_TERMINATED = 128 + signal.SIGTERM
_GRACE_SECONDS = 8.0
_CHECK_WAIT_SECONDS = 60.0

_TO_BE_CHANGED = (ConfigError, CatalogError, MappingError, ConfigurationError, RejectedRowsError)


class DestinationSageIntacct(Destination):
    """Writes Airbyte's rows into Sage Intacct.

    The CDK's class gives the signatures that its tests and clients call. Its way of reading and writing messages
    is replaced: it loses a STATE's id and every unknown key, does not flush, and drops broken lines (Airbyte CDK
    issues 69138, 70421 and 1167).
    """

    def __init__(self, output: BinaryIO | None = None) -> None:
        super().__init__()
        self._output = Output(output or sys.stdout.buffer)
        self._clock = SystemClock()

    def spec(self, logger: logging.Logger) -> ConnectorSpecification:
        """Return what can be configured."""
        del logger
        return ConnectorSpecificationSerializer.load(load_spec())

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """Try the configuration without writing; the answer names the first thing wrong and the remedy."""
        del logger
        self._output.hide(secret_values(config))
        try:
            parsed = parse_config(config)
            client = connect(parsed, config, self._output, self._clock, _CHECK_WAIT_SECONDS)
            for unproved in check_connection(parsed, client, configured_objects(parsed)):
                self._output.log("WARN", unproved)
        except (*_TO_BE_CHANGED, OutageError) as error:
            return AirbyteConnectionStatus(Status.FAILED, self._output.masked(str(error)))
        return AirbyteConnectionStatus(Status.SUCCEEDED)

    def write(
        self,
        config: Mapping[str, Any],
        configured_catalog: ConfiguredAirbyteCatalog | Mapping[str, Any],
        input_messages: Iterable[Message | AirbyteMessage | None],
    ) -> Iterable[AirbyteMessage]:
        """Write every row; STATEs go to the output as soon as their rows are settled, verbatim.

        They cannot be returned as the CDK's messages, which would lose their ids, so nothing is.

        Raises:
            ConfigError, CatalogError, MappingError, ConfigurationError, RejectedRowsError: a person must act.
            OutageError: trying again later helps.
            ProtocolError: the input is not what Airbyte promises.
            StoppedError: the run was asked to stop.
        """
        self._output.hide(secret_values(config))
        parsed = parse_config(config)
        streams = read_catalog(_raw_catalog(configured_catalog))
        client = connect(parsed, config, self._output, self._clock)
        plans = make_plans(parsed, streams, client, self._output)
        deliver(parsed, plans, client, _own(input_messages), self._output, self._clock)
        return ()

    def run(self, args: Sequence[str]) -> None:
        """Run one command of the command line.

        Raises:
            SystemExit: with 1 after a failure that a TRACE ERROR explains, with 143 after SIGTERM.
        """
        command = parse_arguments(args)
        logging.getLogger().handlers = [LogHandler(self._output)]
        self._end_on_sigterm(gracefully=isinstance(command, Write))
        failure = self._run_guarded(command)
        if self._clock.stopped:
            raise SystemExit(_TERMINATED)
        if failure is not None:
            self._output.error(failure.text, failure.type, failure.internal, None)
            raise SystemExit(_FAILED)

    def _run_guarded(self, command: Command) -> Failure | None:
        try:
            self._run_command(command)
        except _TO_BE_CHANGED as error:
            return Failure(str(error), "config_error", where(error))
        except OutageError as error:
            return Failure(str(error), "transient_error", where(error))
        except ProtocolError as error:
            return Failure(str(error), "system_error", where(error))
        except StoppedError:
            return None
        except BrokenPipeError:
            # Nobody listens any more; what was not acknowledged will be sent again.
            os._exit(_FAILED)
        except Exception as error:  # noqa: BLE001 - the last resort, told as a defect of this connector
            return defect(error)
        return None

    def _run_command(self, command: Command) -> None:
        match command:
            case Spec():
                self._output.spec(load_spec())
            case Check(config):
                self._output.connection_status(*self._checked(config))
            case Write(config, catalog):
                lines = read_lines(sys.stdin.fileno(), lambda: self._clock.stopped)
                self.write(read_config(config), read_catalog_file(catalog), parse_messages(lines))

    def _checked(self, path: Path) -> tuple[Literal["SUCCEEDED", "FAILED"], str | None]:
        try:
            answer = self.check(logging.getLogger(__name__), read_config(path))
        except ConfigError as error:
            return "FAILED", str(error)
        return ("SUCCEEDED" if answer.status is Status.SUCCEEDED else "FAILED"), answer.message

    def _end_on_sigterm(self, *, gracefully: bool) -> None:
        """Let requests in flight be answered, but no longer than a container is given to end."""

        def end(number: int, frame: FrameType | None) -> None:
            del number, frame
            if not gracefully:
                raise SystemExit(_TERMINATED)
            self._clock.stop()
            timer = threading.Timer(_GRACE_SECONDS, os._exit, [_TERMINATED])
            timer.daemon = True
            timer.start()

        signal.signal(signal.SIGTERM, end)


def _raw_catalog(catalog: ConfiguredAirbyteCatalog | Mapping[str, Any]) -> object:
    if isinstance(catalog, ConfiguredAirbyteCatalog):
        return ConfiguredAirbyteCatalogSerializer.dump(catalog)
    return catalog


def _own(messages: Iterable[Message | AirbyteMessage | None]) -> Iterator[Message | None]:
    """Read messages of the CDK's classes too, for who calls `write` from Python."""
    for number, message in enumerate(messages, start=1):
        if isinstance(message, AirbyteMessage):
            yield parse_line(exact_json.encode(AirbyteMessageSerializer.dump(message)), number)
        else:
            yield message
