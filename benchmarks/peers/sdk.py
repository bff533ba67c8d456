"""A loop over a public client of the same API: Fyle's SDK, which creates one record a request."""

import sys

from intacctsdk import IntacctRESTSDK
from intacctsdk.apis import api_base

from benchmarks.peers.lines import TOKEN, bodies, say_sent


def main(url: str) -> None:
    api_base.BASE_URL = url
    sdk = IntacctRESTSDK(access_token=TOKEN)
    sent = 0
    for sent, body in enumerate(bodies(), 1):  # noqa: B007 - the last number is how many
        sdk.customers.post(body)
    say_sent(sent)


if __name__ == "__main__":
    main(sys.argv[1])
