"""What a person writes who uses PyAirbyte: source-faker into Sage Intacct, directly and through PyAirbyte's cache.

It runs in PyAirbyte's environment, not in this project's. Standard input says where the connectors are and what their
configurations are; one line for each write goes to standard output, with the number of rows that PyAirbyte counted.
"""

import json
import sys

import airbyte as ab


def main() -> None:
    given = json.load(sys.stdin)
    source = ab.get_source("source-faker", local_executable=given["source"], config=given["source_config"], streams="*")
    source.check()
    for way, config in given["configs"].items():
        destination = ab.get_destination(
            "destination-sage-intacct", local_executable=given["destination"], config=config
        )
        destination.check()
        if way == "cached":
            written = destination.write(source, cache=ab.new_local_cache("faker"))
        else:
            written = destination.write(source, cache=False, state_cache=False)
        sys.stdout.write(f"\n{json.dumps({'way': way, 'rows': written.processed_records})}\n")


main()
