"""The least that is an Airbyte destination: a class of the CDK that sends what it is given, 500 rows a request."""

import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import requests
from airbyte_cdk.destinations import Destination
from airbyte_cdk.models import (
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteStateStats,
    ConfiguredAirbyteCatalog,
    ConnectorSpecification,
    Status,
    Type,
)

from benchmarks.peers.lines import BATCH, PATH, TOKEN, body

_STREAM = {"name": "customers", "json_schema": {"type": "object"}, "supported_sync_modes": ["incremental"]}
_MODES = {"sync_mode": "incremental", "destination_sync_mode": "append"}
CATALOG = {"streams": [{"stream": _STREAM, **_MODES}]}


class Minimal(Destination):
    """Keeps rows until there are 500 or a STATE comes, which goes on when its rows are sent."""

    def spec(self, *_arguments: Any, **_named: Any) -> ConnectorSpecification:
        return ConnectorSpecification(connectionSpecification={"type": "object", "properties": {}})

    def check(self, *_arguments: Any) -> AirbyteConnectionStatus:
        return AirbyteConnectionStatus(status=Status.SUCCEEDED)

    def write(
        self,
        config: Mapping[str, Any],
        configured_catalog: ConfiguredAirbyteCatalog,  # noqa: ARG002 - the CDK passes it
        input_messages: Iterable[AirbyteMessage],
    ) -> Iterator[AirbyteMessage]:
        session, waiting, sent = requests.Session(), [], 0
        session.headers["Authorization"] = f"Bearer {TOKEN}"

        def send() -> int:
            address = f"{config['url']}/objects/{PATH}"
            session.post(address, json=waiting, timeout=60).raise_for_status()
            count = len(waiting)
            waiting.clear()
            return count

        for message in input_messages:
            if message.type == Type.RECORD and message.record:
                waiting.append(body(message.record.data))
                sent += send() if len(waiting) == BATCH else 0
            elif message.type == Type.STATE and message.state:
                sent += send() if waiting else 0
                message.state.destinationStats = AirbyteStateStats(recordCount=float(sent))
                yield message
                sent = 0


def main(url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in {"config": {"url": url}, "catalog": CATALOG}.items():
            Path(folder, f"{name}.json").write_text(json.dumps(content), "utf-8")
        files = [f"--{name}={Path(folder, name)}.json" for name in ("config", "catalog")]
        Minimal().run(["write", *files])


if __name__ == "__main__":
    main(sys.argv[1])
