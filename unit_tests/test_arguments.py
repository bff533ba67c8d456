from importlib.metadata import version
from pathlib import Path

import pytest

from destination_sage_intacct.protocol.arguments import (
    CheckCommand,
    DiscoverCommand,
    SpecCommand,
    WriteCommand,
    parse_arguments,
)


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["spec"], SpecCommand()),
        (["check", "--config", "config.json"], CheckCommand(Path("config.json"))),
        (["discover", "--config", "config.json"], DiscoverCommand(Path("config.json"))),
        (["discover", "--debug", "--config", "a"], DiscoverCommand(Path("a"))),
        (
            ["write", "--config", "config.json", "--catalog", "catalog.json"],
            WriteCommand(Path("config.json"), Path("catalog.json")),
        ),
        (["write", "--catalog=b", "--config=a"], WriteCommand(Path("a"), Path("b"))),
        (["spec", "--debug"], SpecCommand()),
        (["check", "--config", "a", "--debug"], CheckCommand(Path("a"))),
        (["write", "--debug", "--config", "a", "--catalog", "b"], WriteCommand(Path("a"), Path("b"))),
    ],
)
def test_a_command_is_read(arguments, command):
    assert parse_arguments(arguments) == command


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "the following arguments are required: command"),
        (["read"], "invalid choice: 'read'"),
        (["check"], "the following arguments are required: --config"),
        (["discover"], "the following arguments are required: --config"),
        (["write", "--config", "a"], "the following arguments are required: --catalog"),
        (["check", "--config", "a", "--catalog", "b"], "unrecognized arguments: --catalog b"),
    ],
)
def test_a_command_that_cannot_be_read_ends_with_the_usage_and_nothing_on_stdout(arguments, said, capsys):
    with pytest.raises(SystemExit) as caught:
        parse_arguments(arguments)

    out, err = capsys.readouterr()
    assert caught.value.code == 2
    assert out == ""
    assert err.startswith("usage: destination-sage-intacct")
    assert said in err


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as caught:
        parse_arguments(["--version"])

    assert caught.value.code == 0
    assert capsys.readouterr().out == f"destination-sage-intacct {version('destination-sage-intacct')}\n"
