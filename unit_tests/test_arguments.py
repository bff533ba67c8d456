from pathlib import Path

import pytest

from destination_sage_intacct.protocol import arguments as protocol
from destination_sage_intacct.protocol.arguments import parse_arguments

A, B = Path("a"), Path("b")


@pytest.mark.parametrize(("arguments", "command"), [
    ("spec", protocol.SpecCommand()), ("spec --debug", protocol.SpecCommand()),
    ("check --config a", protocol.CheckCommand(A)),
    ("check --config a --debug", protocol.CheckCommand(A)),
    ("discover --debug --config a", protocol.DiscoverCommand(A)),
    ("write --config a --catalog b", protocol.WriteCommand(A, B)),
    ("write --debug --catalog=b --config=a", protocol.WriteCommand(A, B)),
])  # fmt: skip
def test_a_command_is_read(arguments, command):
    assert parse_arguments(arguments.split()) == command


@pytest.mark.parametrize(("arguments", "said"), [
    ("", "the following arguments are required: command"),
    ("read", "invalid choice: 'read'"),
    *((command, "the following arguments are required: --config") for command in ("check", "discover")),
    ("write --config a", "the following arguments are required: --catalog"),
    ("check --config a --catalog b", "unrecognized arguments: --catalog b"),
])  # fmt: skip
def test_a_command_that_cannot_be_read_ends_with_the_usage_and_nothing_on_stdout(arguments, said, capsys):
    with pytest.raises(SystemExit) as caught:
        parse_arguments(arguments.split())

    out, err = capsys.readouterr()
    assert (caught.value.code, out) == (2, "")
    assert err.startswith("usage: destination-sage-intacct")
    assert said in err
