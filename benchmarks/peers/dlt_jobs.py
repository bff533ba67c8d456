"""dlt's own way to write to an API: a function of a batch, six jobs of it at once, 500 rows a file and a request."""

import os
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

JOBS = 6
BATCH_ROWS = 500
_SETTINGS = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "LOAD__WORKERS": str(JOBS),
    "NORMALIZE__DATA_WRITER__FILE_MAX_ITEMS": str(BATCH_ROWS),
    # One row in memory more than a file holds: rows are written 500 at a time.
    "NORMALIZE__DATA_WRITER__BUFFER_MAX_ITEMS": str(BATCH_ROWS),
    "DATA_WRITER__BUFFER_MAX_ITEMS": str(BATCH_ROWS),
}
os.environ.update(_SETTINGS)

import dlt  # noqa: E402 - reads the environment
import requests  # noqa: E402

from benchmarks.peers.lines import PATH, TOKEN, bodies, say_sent  # noqa: E402


def main(url: str) -> None:
    @dlt.destination(
        batch_size=BATCH_ROWS,
        loader_file_format="typed-jsonl",
        name="intacct",
        naming_convention="direct",
        max_table_nesting=0,
        skip_dlt_columns_and_tables=True,
        max_parallel_load_jobs=JOBS,
        loader_parallelism_strategy="parallel",
    )
    def intacct(items: Any, table: Any) -> None:  # noqa: ARG001 - dlt names them
        headers = {"Authorization": f"Bearer {TOKEN}"}
        requests.post(f"{url}/objects/{PATH}", json=items, headers=headers, timeout=60).raise_for_status()

    sent = 0

    @dlt.resource(name="customers", max_table_nesting=0)
    def customers() -> Iterator[Any]:
        nonlocal sent
        for body in bodies():
            sent += 1
            yield body

    with tempfile.TemporaryDirectory() as folder:
        dlt.pipeline("bench", pipelines_dir=folder, destination=intacct, dataset_name="bench").run(customers())
        say_sent(sent)


if __name__ == "__main__":
    main(sys.argv[1])
