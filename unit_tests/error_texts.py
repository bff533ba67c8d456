"""Every text by which the code tells a person that something is wrong, read from the source; values stand as `…`."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "destination_sage_intacct"
VALUE = "…"

# Told to nobody: these say that the connector itself is broken, or carry another text.
_INTERNAL = {"LedgerError", "AttributeError", "SageError", "StoppedError"}
_INTERNAL |= {"NotJsonError", "TooLargeError", "TimeoutError"}
_MOST_STEPS = 4

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Told:
    """A text of the code: where it stands, and its pieces between the values that are filled in."""

    place: str
    text: str

    @property
    def pieces(self) -> tuple[str, ...]:
        """Return the words by which a person would look for it: those of the first sentence that has some."""
        sentences = ([piece.strip(" .:;,()[]") for piece in part.split(VALUE)] for part in self.text.split(". "))
        telling = (tuple(piece for piece in pieces if " " in piece) for pieces in sentences)
        return next((pieces for pieces in telling if pieces), ())


def problem_codes() -> set[str]:
    """Return the codes of rows that are refused before they are sent."""
    calls = (call for tree in _trees().values() for call in _calls(tree) if _called(call) == "Problem")
    return {str(call.args[0].value) for call in calls if isinstance(call.args[0], ast.Constant)}


def told_texts() -> list[Told]:
    """Return the texts of errors, of rejected rows and of warnings, each once."""
    trees = _trees()
    source = _Source(trees)
    found: dict[str, Told] = {}
    for name, tree in trees.items():
        for scope, call in _calls_in_scopes(tree):
            argument = _text_argument(call)
            for text in source.texts(argument, scope) if argument is not None else ():
                if " " in text.replace(VALUE, ""):
                    found.setdefault(text, Told(f"{name}:{call.lineno}", text))
    return list(found.values())


def _trees() -> dict[str, ast.Module]:
    paths = sorted(PACKAGE.rglob("*.py"))
    return {str(path.relative_to(PACKAGE)): ast.parse(path.read_text("utf-8")) for path in paths}


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _calls_in_scopes(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.Call]]:
    functions = [node for node in ast.walk(tree) if isinstance(node, _Function)]
    inside = {id(call): function for function in functions for call in _calls(function)}
    for call in _calls(tree):
        yield inside.get(id(call), tree), call


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _text_argument(call: ast.Call) -> ast.expr | None:
    """Return what a call tells a person, None if it tells nothing."""
    name = _called(call)
    if (name.endswith("Error") or name == "Failure") and name not in _INTERNAL and call.args:
        return call.args[0]
    if name == "Problem" and len(call.args) > 1:
        return call.args[1]
    if name in {"invalid_value", "warn", "_warn"} and call.args:
        return call.args[0]
    if name == "_tell" and len(call.args) > 1:
        return call.args[1]
    is_warning = name == "log" and isinstance(call.args[0], ast.Constant) and call.args[0].value == "WARN"
    return call.args[1] if is_warning else None


class _Source:
    """Follows names and functions of the package to the texts that they stand for."""

    def __init__(self, trees: dict[str, ast.Module]) -> None:
        nodes = [node for tree in trees.values() for node in ast.walk(tree)]
        self._functions = {node.name: node for node in nodes if isinstance(node, _Function)}
        self._modules = list(trees.values())

    def texts(self, expression: ast.expr, scope: ast.AST, steps: int = _MOST_STEPS) -> list[str]:
        match expression:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.JoinedStr(values=values):
                whole = "".join(str(part.value) if isinstance(part, ast.Constant) else VALUE for part in values)
                return [whole, *self._within(values, scope, steps)]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                ends = self.texts(right, scope, steps)
                return [begin + end for begin in self.texts(left, scope, steps) for end in ends]
            case ast.IfExp(body=body, orelse=orelse):
                return self.texts(body, scope, steps) + self.texts(orelse, scope, steps)
            case ast.Tuple(elts=parts):
                return [text for part in parts for text in self.texts(part, scope, steps)]
            case ast.Starred(value=value):
                return self.texts(value, scope, steps)
            case ast.Name(id=name) if steps:
                return [text for value in self._assigned(name, scope) for text in self.texts(value, scope, steps - 1)]
            case ast.Call() if steps and (function := self._functions.get(_called(expression))):
                ends = (each for each in ast.walk(function) if isinstance(each, ast.Return | ast.Yield | ast.YieldFrom))
                values = [end.value for end in ends if end.value]
                return [text for value in values for text in self.texts(value, function, steps - 1)]
        return []

    def _within(self, values: Iterable[ast.expr], scope: ast.AST, steps: int) -> Iterator[str]:
        """Yield the sentences that are put into another text: they are told with it."""
        for part in values:
            match part:
                case ast.FormattedValue(value=ast.Call() | ast.Name() as put_in) if steps:
                    yield from (text for text in self.texts(put_in, scope, steps - 1) if text.rstrip().endswith("."))

    def _assigned(self, name: str, scope: ast.AST) -> list[ast.expr]:
        """Return what is assigned to a name in a function, or to a constant in any module."""
        constants = (value for module in self._modules for value in _values(name, module.body))
        return list(_values(name, ast.walk(scope))) or list(constants)


def _values(name: str, nodes: Iterable[ast.AST]) -> Iterator[ast.expr]:
    for node in nodes:
        match node:
            # A loop over texts, such as `for unproved in check_entity(...)`, is an assignment too.
            case (
                ast.Assign(targets=[ast.Name(id=target)], value=value)
                | ast.AugAssign(target=ast.Name(id=target), value=value)
                | ast.For(target=ast.Name(id=target), iter=value)
            ) if target == name:
                yield value
