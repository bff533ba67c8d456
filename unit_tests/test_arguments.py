from pathlib import Path

import pytest

from destination_sage_intacct.protocol.arguments import Check, Discover, Spec, Write, parse_arguments


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["spec"], Spec()),
        (["check", "--config", "config.json"], Check(Path("config.json"))),
        (["discover", "--config", "config.json"], Discover(Path("config.json"))),
        (["discover", "--debug", "--config", "a"], Discover(Path("a"))),
        (
            ["write", "--config", "config.json", "--catalog", "catalog.json"],
            Write(Path("config.json"), Path("catalog.json")),
        ),
        (["write", "--catalog=b", "--config=a"], Write(Path("a"), Path("b"))),
        (["spec", "--debug"], Spec()),
        (["check", "--config", "a", "--debug"], Check(Path("a"))),
        (["write", "--debug", "--config", "a", "--catalog", "b"], Write(Path("a"), Path("b"))),
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
