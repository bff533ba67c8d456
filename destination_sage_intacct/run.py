"""The console script."""

import os
import signal
import sys

_SIGNALLED = 128


def run() -> None:
    """Run the command that Airbyte gave."""
    for each in (signal.SIGTERM, signal.SIGINT):
        # Until the command begins there is nothing to finish, and nothing to say about it.
        signal.signal(each, lambda number, _: os._exit(_SIGNALLED + number))
    from destination_sage_intacct.application import Application, say_on_stderr  # noqa: PLC0415 - see above

    if sys.stdout is None:
        say_on_stderr("There is no standard output to write Airbyte's messages to, so nothing was done.")
        raise SystemExit(1)
    Application(sys.stdout.buffer).run(sys.argv[1:])
