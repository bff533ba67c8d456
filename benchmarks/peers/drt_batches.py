"""drt's REST destination in its batch mode, 500 rows a request; without drt's command line and its sources."""

import sys

from drt.config.base import BearerAuth
from drt.config.destinations_saas import RestApiDestinationConfig
from drt.config.sync_options import SyncOptions
from drt.destinations.rest_api import RestApiDestination

from benchmarks.peers.lines import BATCH, PATH, TOKEN, batches, say_sent


def main(url: str) -> None:
    config = RestApiDestinationConfig(
        type="rest_api",
        url=f"{url}/objects/{PATH}",
        headers={"Content-Type": "application/json"},
        body_mode="batch",
        batch_template="{{ rows | tojson }}",
        max_records_per_request=BATCH,
        auth=BearerAuth(type="bearer", token=TOKEN),
        rate_limit={"requests_per_second": 1000},
    )
    sent = 0
    for batch in batches():
        result = RestApiDestination().load(batch, config, SyncOptions())
        if result.failed:
            sys.exit(f"drt: {result.row_errors[0].error_message}")
        sent += result.success
    say_sent(sent)


if __name__ == "__main__":
    main(sys.argv[1])
