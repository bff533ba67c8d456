"""`make demo`: a whole sync into an emulated Sage Intacct, with real processes, shown in plain text.

Starts the emulator, runs `spec`, `check` and `write` of the console script as Airbyte would, and reads the
records back over the API. Ends with 0 when every row is accounted for there, with 1 and the reason when not.
On a terminal the emulator runs on until Enter is pressed, so that its page can be seen in a browser.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests

from demo import report

HERE = Path(__file__).parent
CONNECTOR = Path(sys.executable).with_name("destination-sage-intacct")
PATHS = {
    "Customer": "accounts-receivable/customer",
    "Vendor": "accounts-payable/vendor",
    "Journal Entry": "general-ledger/journal-entry",
}
CLOSED_UNTIL = "2025-12-31"
TIMEOUT_SECONDS = 60

Json = dict[str, Any]


class DemoError(Exception):
    """The demo cannot show what it should; the text says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one command of the connector answered. `seconds` is the life of its process."""

    messages: tuple[Json, ...]
    exit_code: int
    seconds: float

    def of_type(self, kind: str) -> list[Json]:
        """Give the bodies of all messages of one Airbyte type, in order."""
        return [message[_BODY[kind]] for message in self.messages if message["type"] == kind]

    def logs(self, beginning: str) -> list[str]:
        """Give the log lines that begin so, in order."""
        return [log["message"] for log in self.of_type("LOG") if log["message"].startswith(beginning)]

    def errors(self) -> list[str]:
        """Return what the run says to Airbyte about why it failed."""
        return [trace["error"]["message"] for trace in self.of_type("TRACE") if trace["type"] == "ERROR"]


_BODY = {
    "SPEC": "spec",
    "CONNECTION_STATUS": "connectionStatus",
    "LOG": "log",
    "STATE": "state",
    "TRACE": "trace",
}


@contextmanager
def emulated_company() -> Iterator[str]:
    """Run the emulator on a free port for the length of the block; gives the API's base URL."""
    command = [sys.executable, "-m", "intacct_emulator", "--port", "0", "--closed-until", CLOSED_UNTIL]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith("listening on "):
                raise DemoError("The emulator did not start; its output is above.")
            yield line.removeprefix("listening on ").strip()
        finally:
            process.terminate()


def run_connector(*arguments: str, stdin: str = "") -> Run:
    """Run one command of the connector to its end, as Airbyte does: lines in, lines out."""
    started = time.monotonic()
    done = subprocess.run(
        [CONNECTOR, *arguments],
        input=stdin,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    messages = tuple(json.loads(line, parse_float=str) for line in done.stdout.splitlines())
    return Run(messages, done.returncode, time.monotonic() - started)


def airbyte_input(rows: Mapping[str, list[str]]) -> str:
    """Wrap rows, JSON texts kept digit by digit, as Airbyte's lines, with a STATE after each stream."""
    lines: list[str] = []
    for number, (stream, texts) in enumerate(rows.items(), start=1):
        head = f'{{"type": "RECORD", "record": {{"stream": "{stream}", "emitted_at": 0, "data": '
        lines += [f"{head}{text}}}}}" for text in texts]
        of_stream = {"stream_descriptor": {"name": stream}, "stream_state": {"rows": len(texts)}}
        state = {"type": "STREAM", "stream": of_stream, "id": number}
        lines.append(json.dumps({"type": "STATE", "state": state}))
    return "\n".join(lines) + "\n"


def read_records(url: str, path: str) -> dict[str, Json]:
    """Read every record of an object back over the API, by record key; numbers stay the texts they are."""
    listed = _get(f"{url}/objects/{path}")
    keys = [reference["key"] for reference in listed]
    whole = _get(f"{url}/objects/{path}/{','.join(keys)}") if keys else []
    return {record["key"]: record for record in whole}


def _get(url: str) -> list[Json]:
    answer = requests.get(url, headers={"Authorization": "Bearer demo-access-token"}, timeout=TIMEOUT_SECONDS)
    answer.raise_for_status()
    result = json.loads(answer.text, parse_float=str)["ia::result"]
    return result if isinstance(result, list) else [result]


def show(lines: Iterable[str]) -> None:
    """Print lines, and let them be seen at once."""
    for line in lines:
        print(line, flush=True)


def main() -> None:
    """Run the demo.

    Raises:
        DemoError: a step did not answer as it should.
    """
    if not CONNECTOR.exists():
        raise DemoError(f"{CONNECTOR} does not exist: start the demo with `make demo`, which installs it.")
    config: Json = json.loads((HERE / "config.json").read_text("utf-8"))
    objects = {entry["stream"]: entry["object_type"] for entry in config["streams"]}
    rows = {stream: (HERE / f"{stream}.jsonl").read_text("utf-8").splitlines() for stream in objects}

    is_watched = sys.stdin.isatty() and sys.stdout.isatty()
    with emulated_company() as url:
        _show_sync(url, config, objects, rows)
        show(report.next_steps(version("destination-sage-intacct"), urljoin(url, "/") if is_watched else ""))
        if is_watched:
            with suppress(EOFError, KeyboardInterrupt):
                input()


def _show_sync(url: str, config: Json, objects: Mapping[str, str], rows: Mapping[str, list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        config_file = Path(folder) / "config.json"
        config_file.write_text(json.dumps(config | {"api_url": url}), "utf-8")
        configured = ("--config", str(config_file))
        show(report.opening(url, config, CLOSED_UNTIL))

        show(report.spec(_answer(run_connector("spec"), "SPEC")))
        status = _answer(run_connector("check", *configured), "CONNECTION_STATUS")
        show(report.check(status))
        if status["status"] != "SUCCEEDED":
            raise DemoError("`check` did not succeed.")

        before = {stream: read_records(url, PATHS[kind]) for stream, kind in objects.items()}
        writing = ("write", *configured, "--catalog", str(HERE / "catalog.json"))
        write = run_connector(*writing, stdin=airbyte_input(rows))
        after = {stream: read_records(url, PATHS[kind]) for stream, kind in objects.items()}
        again = run_connector(*writing, stdin=airbyte_input(rows))
        at_the_end = {stream: read_records(url, PATHS[kind]) for stream, kind in objects.items()}

    received = {stream: len(texts) for stream, texts in rows.items()}
    counts = report.counts_by_stream(write.of_type("STATE"))
    show(report.outcomes(received, counts, write.logs("Summary of "), write.seconds))
    show(report.rejected(write.logs("Rejected row ")))
    show(report.exit_code(write.exit_code, write.errors()))
    for stream, kind in objects.items():
        table = report.documents if kind == "Journal Entry" else report.records
        show(table(f"{stream}: {PATHS[kind]}", before[stream], after[stream]))
    changed = sum(at_the_end[stream].get(key) != record for stream in objects for key, record in after[stream].items())
    show(report.second_run(again.logs("Summary of "), again.seconds, changed))
    _verify(received, counts, before, after)
    if at_the_end != after:
        raise DemoError("The second run changed records, although its rows were the same.")


def _answer(run: Run, kind: str) -> Json:
    answers = run.of_type(kind)
    if not answers:
        raise DemoError(f"The connector gave no {kind}. {' '.join(run.errors())}".rstrip())
    return answers[0]


def _verify(
    received: Mapping[str, int],
    counts: Mapping[str, report.Counts],
    before: Mapping[str, Mapping[str, Json]],
    after: Mapping[str, Mapping[str, Json]],
) -> None:
    for stream, rows in received.items():
        if stream not in counts:
            raise DemoError(f"No STATE of {stream} came back.")
        found = counts[stream]
        outcomes = found.accepted + found.rejected
        if outcomes != rows:
            raise DemoError(f"{stream}: {rows} rows went in, the STATE counts {outcomes}.")
        written = [record for key, record in after[stream].items() if record != before[stream].get(key)]
        shown = sum(len(record.get("lines", [record])) for record in written)
        if shown != found.accepted:
            raise DemoError(f"{stream}: {found.accepted} rows were accepted, {shown} records or lines show it.")


if __name__ == "__main__":
    try:
        main()
    except DemoError as error:
        sys.exit(f"demo: {error}")
