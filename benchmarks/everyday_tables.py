"""The results of the everyday shapes as tables: on the terminal, and in docs/benchmarks.md."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks import report
from benchmarks.everyday_results import Kept, Result
from benchmarks.everyday_shapes import BESIDE_DLT, Aim, Part, Shape
from benchmarks.report import Figure, Section, Target

BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
DLT = "peer-dlt-jobs"
_SHOWN = {
    "fraction": "{:.2f} of bound",
    "seconds": "{:.1f} s",
    "transactions": "{:,.0f} transactions",
    "transactions_per_row": "{:.2f} transactions a row",
    "filters": "{:.0f} filters a query",
    "times_dlt": "{:.2f} x dlt's time",
    "times_other": "{:.2f} x the other checkout's",
}
_HEADING = ("shape", "s", "rows/s", "of bound", "aim", "requests", "API transactions", "429", "CPU s per M rows", "MB")


def sections(parts: Iterable[Part], results: Mapping[str, Result]) -> list[Section]:
    """Return the figures of all shapes that have a result, part by part."""
    shown = []
    for part in parts:
        measured = [shape for shape in part.shapes if shape.name in results]
        if measured:
            shown.append(Section(part.title, [_figure(shape, results) for shape in measured]))
    return shown


def _figure(shape: Shape, results: Mapping[str, Result]) -> Figure:
    result = results[shape.name]
    figures = _figures(shape, results)
    late = f", emulator late by {result.late_seconds:.1f} s" if result.late_seconds else ""
    return Figure(
        f"{shape.what} ({shape.name})",
        f"{result.seconds:.1f} s, {figures['rows_per_second']:,.1f} rows/s",
        _ratio(shape, result, figures, " of bound"),
        tuple(target(aim, figures) for aim in shape.aims if aim.figure in figures),
        f"{result.requests:,} requests, {result.transactions:,} transactions, {result.throttled:,} x 429, "
        f"{figures['cpu_seconds_per_million']:,.0f} CPU s per million rows, {result.peak_megabytes:.0f} MB{late}",
    )


def target(aim: Aim, figures: Mapping[str, float]) -> Target:
    """Return an aim in words, with the figure where no other column has it, and whether it is met."""
    form, figure = _SHOWN[aim.figure], figures[aim.figure]
    text = form.format(aim.bound)
    if aim.figure not in {"fraction", "seconds"}:
        text += f" ({form.format(figure).split()[0]})"
    return report.at_most(text, figure, aim.bound) if aim.most else report.at_least(text, figure, aim.bound)


def _ratio(shape: Shape, result: Result, figures: Mapping[str, float], unit: str = "") -> str:
    if not shape.bound_seconds:
        return _microseconds(result)
    beside = f"; {figures['times_dlt']:.2f} x dlt's time" if "times_dlt" in figures else ""
    return f"{figures['fraction']:.2f}{unit}{beside}"


def _microseconds(result: Result) -> str:
    other = f", {result.other_microseconds:.1f} in the other checkout" if result.other_microseconds else ""
    return f"{result.row_microseconds:.1f} us a row{other}"


def _figures(shape: Shape, results: Mapping[str, Result]) -> dict[str, float]:
    beside = shape.name.startswith("beside-") and results.get(DLT + "-tail" * shape.name.endswith("-tail"))
    return results[shape.name].figures(beside.seconds if beside else None)


def markdown(parts: Sequence[Part], kept: Kept) -> str:
    """Return a table of each part, and the machine."""
    lines = [f"One run, {kept.machine}.", ""]
    for part in parts:
        measured = [shape for shape in part.shapes if shape.name in kept.results]
        if measured:
            lines += [f"### {part.title}", "", _row(_HEADING), "|---" * len(_HEADING) + "|"]
            lines += [_row(_cells(shape, kept.results)) for shape in measured]
            lines.append("")
    return "\n".join([*lines, f"The emulator was late by {_late(kept.results):.1f} s in all."])


def _late(results: Mapping[str, Result]) -> float:
    return sum(result.late_seconds for result in results.values())


def _cells(shape: Shape, results: Mapping[str, Result]) -> tuple[str, ...]:
    result, figures = results[shape.name], _figures(shape, results)
    aims = [target(aim, figures) for aim in shape.aims if aim.figure in figures]
    seconds = f"{result.seconds:.1f}"
    if shape.peer and result.rows < BESIDE_DLT:
        seconds = f"{BESIDE_DLT * result.seconds / result.rows:,.0f}, from {result.rows} rows"
    return (
        shape.what,
        seconds,
        f"{figures['rows_per_second']:,.1f}",
        _ratio(shape, result, figures),
        "; ".join(f"{each.text}{'' if each.met else ' **missed**'}" for each in aims),
        f"{result.requests:,}",
        f"{result.transactions:,}",
        f"{result.throttled:,}",
        f"{figures['cpu_seconds_per_million']:,.0f}",
        f"{result.peak_megabytes:.0f}",
    )


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def write(page: Path, tables: str) -> None:
    """Put tables into a page, between its marks."""
    before, rest = page.read_text("utf-8").split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}", "utf-8")
