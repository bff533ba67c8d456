"""The public surface of Sage Intacct's side: everything that a caller needs is named once, and nothing else."""

from types import ModuleType

from destination_sage_intacct import intacct


def test_every_name_is_exported_and_everything_exported_is_named():
    named = {name for name, value in vars(intacct).items() if name[0] != "_" and not isinstance(value, ModuleType)}
    assert intacct.__all__ == sorted(named)


def test_results_and_errors_that_a_method_returns_or_raises_are_exported():
    for name in ("create", "update", "delete", "find", "read", "model", "objects"):
        hints = intacct.IntacctClient.__dict__[name].__annotations__
        for text in map(str, hints.values()):
            for word in text.replace("[", " ").replace("]", " ").replace("|", " ").replace(",", " ").split():
                if word.startswith("destination_sage_intacct.intacct."):
                    assert word.rpartition(".")[2] in intacct.__all__, (name, word)
