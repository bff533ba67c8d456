"""The obvious program: create one record, wait for the answer, go on."""

import sys

import requests

from benchmarks.peers.lines import PATH, TOKEN, bodies, say_sent


def main(url: str) -> None:
    sent = 0
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {TOKEN}"
        for sent, body in enumerate(bodies(), 1):  # noqa: B007 - the last number is how many
            session.post(f"{url}/objects/{PATH}", json=body, timeout=60).raise_for_status()
    say_sent(sent)


if __name__ == "__main__":
    main(sys.argv[1])
