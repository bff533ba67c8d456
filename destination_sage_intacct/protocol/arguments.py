"""The command line that Airbyte gives a connector."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

_NAME = "destination-sage-intacct"


@dataclass(frozen=True, slots=True)
class SpecCommand:
    """Print what can be configured."""


@dataclass(frozen=True, slots=True)
class CheckCommand:
    """Try the configuration in this file."""

    config: Path


@dataclass(frozen=True, slots=True)
class DiscoverCommand:
    """Report which objects and fields rows can be mapped to, with the configuration in this file."""

    config: Path


@dataclass(frozen=True, slots=True)
class WriteCommand:
    """Write the rows that come on standard input, as these two files say."""

    config: Path
    catalog: Path


Command = SpecCommand | CheckCommand | DiscoverCommand | WriteCommand


def parse_arguments(arguments: Sequence[str]) -> Command:
    """Read `spec`, `check --config FILE`, `discover --config FILE`, `write --config FILE --catalog FILE`.

    Raises:
        SystemExit: with status 2, after the usage was printed to stderr; with 0, after `--version` or `--help`.
    """
    parser = argparse.ArgumentParser(prog=_NAME)
    parser.add_argument("--version", action=_Version, nargs=0, help="print the name and the version, and end")
    commands = parser.add_subparsers(dest="command", required=True)
    everywhere = argparse.ArgumentParser(add_help=False)
    everywhere.add_argument("--debug", action="store_true", help="accepted as other connectors do; changes nothing")
    commands.add_parser("spec", parents=[everywhere], help="print what can be configured")
    check = commands.add_parser("check", parents=[everywhere], help="try the configuration without writing")
    discover = commands.add_parser("discover", parents=[everywhere], help="report the objects and fields to map to")
    write = commands.add_parser("write", parents=[everywhere], help="write the rows that come on standard input")
    for command in (check, discover, write):
        command.add_argument("--config", type=Path, required=True, help="the configuration, a JSON file")
    write.add_argument("--catalog", type=Path, required=True, help="the configured catalog, a JSON file")
    given = parser.parse_args(arguments)
    if given.command == "check":
        return CheckCommand(given.config)
    if given.command == "discover":
        return DiscoverCommand(given.config)
    if given.command == "write":
        return WriteCommand(given.config, given.catalog)
    return SpecCommand()


class _Version(argparse.Action):
    """Prints the version that the package was installed with, which is that of setup.py."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version  # noqa: PLC0415 - a verb does without it

        sys.stdout.write(f"{_NAME} {version(_NAME)}\n")
        parser.exit()
