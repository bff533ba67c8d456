"""The connector as Airbyte's CDK knows it: a class with the signatures that its tests and clients call."""

import json
import logging
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

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
from destination_sage_intacct.application import Application
from destination_sage_intacct.config import load_spec
from destination_sage_intacct.protocol.messages import Message, parse_line


class DestinationSageIntacct(Destination):
    """Writes Airbyte's rows into Sage Intacct.

    The CDK's own way of reading and writing messages is replaced by `Application`: it loses a STATE's id and every
    key it does not know, does not flush, and drops broken lines (Airbyte issues 69138, 70421, python-cdk 1167).
    """

    def __init__(self, stream: BinaryIO | None = None) -> None:
        super().__init__()
        self._application = Application(stream or sys.stdout.buffer)

    def spec(self, logger: logging.Logger) -> ConnectorSpecification:
        """Return what can be configured."""
        del logger
        return ConnectorSpecificationSerializer.load(load_spec())

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """Try the configuration without writing; the answer names the first thing wrong and the remedy."""
        del logger
        wrong = self._application.check(config)
        return AirbyteConnectionStatus(Status.FAILED if wrong else Status.SUCCEEDED, wrong)

    def discover(self, logger: logging.Logger, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return which objects, modes and fields rows can be mapped to, as the protocol's DestinationCatalog in JSON.

        Not as a message of the CDK's, which has no member for it.

        Raises:
            Exception: as `Application.discover`.
        """
        del logger
        return {"operations": self._application.discover(config)}

    def write(
        self,
        config: Mapping[str, Any],
        configured_catalog: ConfiguredAirbyteCatalog,
        input_messages: Iterable[AirbyteMessage],
    ) -> Iterable[AirbyteMessage]:
        """Write every row; STATEs go to the output, since the CDK's messages cannot hold them; nothing is returned.

        Raises:
            Exception: as `Application.write`.
        """
        catalog = ConfiguredAirbyteCatalogSerializer.dump(configured_catalog)
        self._application.write(config, catalog, _own(input_messages))
        return ()

    def run(self, args: Sequence[str]) -> None:
        """Run one command of the command line; raises SystemExit unless all went well."""
        self._application.run(args)


def _own(messages: Iterable[AirbyteMessage]) -> Iterator[Message | None]:
    for number, message in enumerate(messages, start=1):
        yield parse_line(_line(AirbyteMessageSerializer.dump(message)), number)


def _line(message: Mapping[str, Any]) -> bytes:
    """Return a message as the line that it would be; half of a character as an escape, as JSON allows it."""
    try:
        return exact_json.encode(message)
    except UnicodeEncodeError:
        return json.dumps(message, default=str).encode()
