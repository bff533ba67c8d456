"""What the benchmarks found, as one table: figures, ratios, and next to each target whether it is met."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

_GAP = "  "


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should reach, in words, and whether it does."""

    text: str
    met: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: what was measured, the figure, its ratio to something in the same run, targets."""

    what: str
    measured: str
    ratio: str = ""
    targets: tuple[Target, ...] = ()
    beside: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the texts of its columns; each target is followed by whether it is met."""
        targets = ", ".join(f"{target.text} {'met' if target.met else 'MISSED'}" for target in self.targets)
        return (f"  {self.what}", self.measured, self.ratio, targets, self.beside)


@dataclass(frozen=True, slots=True)
class Section:
    """The lines of one benchmark, under a title."""

    title: str
    figures: Sequence[Figure]


Measure = Callable[[bool], list[Section]]


def at_least(text: str, figure: float, bound: float) -> Target:
    return Target(f">= {text}", figure >= bound)


def at_most(text: str, figure: float, bound: float) -> Target:
    return Target(f"<= {text}", figure <= bound)


def below(text: str, figure: float, bound: float) -> Target:
    return Target(f"< {text}", figure < bound)


def table(sections: Sequence[Section]) -> str:
    """Return one table of all sections, columns as wide as their widest text."""
    heading = ("", "measured", "ratio", "target", "also")
    rows = [heading, *(figure.cells for figure in chain.from_iterable(each.figures for each in sections))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_line(heading, widths)]
    for section in sections:
        lines += ["", section.title, *(_line(figure.cells, widths) for figure in section.figures)]
    return "\n".join(lines)


def progress(text: str) -> None:
    """Say on standard error what is being measured; the table alone goes to standard output."""
    print(f"... {text}", file=sys.stderr, flush=True)


def main(description: str, *measures: Measure) -> None:
    """Measure and print the table; a missed target is shown in it and fails nothing."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows, as a trial")
    quick = parser.parse_args().quick
    print(table([section for measure in measures for section in measure(quick)]))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return _GAP.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
