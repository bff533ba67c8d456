"""Other ways to send the same customers, each a program that runs on the packages of requirements-peers.lock.

Each reads Airbyte's lines from its standard input, sends them to the API whose URL is its argument, and says how many
it sent. None has the connector's safety: no matching, no idempotency keys, no reading of a batch's single results.
"""
