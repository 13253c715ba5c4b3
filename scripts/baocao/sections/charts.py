"""Plots whose marks know their values: drawn once, as PNG for Word and SVG for PDF and HTML, byte for byte the same."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from baocao.project.errors import UsageError
from baocao.project.house import Numbers
from baocao.project.language import _
from baocao.project.models import NumberFormat
from baocao.values.formatting import format_number, format_value

if TYPE_CHECKING:
    from baocao.project.models import Indicator
    from baocao.values.value import Value

ChartKind = Literal["bar", "column", "stacked"]
Series = Mapping[str, Mapping[str, "Value"]]

WIDTH_IN = 6.3
# Told apart in grey print and by colour-blind readers alike.
COLOURS = ("#1f4e79", "#e08e0b", "#5b8f3a", "#8c8c8c", "#a23b3b")
_STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "text.parse_math": False,  # a label is text, also with two $ in it
    "svg.hashsalt": "baocao",
    "svg.fonttype": "path",
    "axes.spines.top": False,
    "axes.spines.right": False,
}


@dataclass(frozen=True)
class Mark:
    """One bar of a chart: its series, its label and the id of the value it shows."""

    series: str
    label: str
    value: str


@dataclass(frozen=True)
class Drawing:
    """A drawn chart."""

    png: bytes
    svg: str
    marks: tuple[Mark, ...]


def draw_chart(
    series: Series,
    indicators: Mapping[str, Indicator],
    numbers: Numbers,
    *,
    kind: ChartKind,
    axis: str,
) -> Drawing:
    """
    Draw bars.

    Parameters
    ----------
    series
        For each series its values by label; all series have the same labels.
    kind
        ``bar``: lying bars, for many or long labels; ``column``: standing
        ones; ``stacked``: lying bars, the series behind one another.
    axis
        What the value axis measures, with its unit.

    Raises
    ------
    UsageError
        There is nothing to draw, or the labels of the series differ.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter

    names = list(series)
    labels = list(series[names[0]]) if names else []
    if not labels or any(list(series[name]) != labels for name in names):
        raise UsageError(_("expected a chart's series to have the same labels, at least one."))
    lying = kind != "column"
    heights = 0.6 + (0.30 if kind == "stacked" else 0.2 + 0.12 * len(names)) * len(labels) if lying else 3.0
    with mpl.rc_context():
        mpl.rcdefaults()  # a person's own matplotlibrc must not reach a report
        mpl.rcParams.update(_STYLE)
        canvas = Figure(
            figsize=(WIDTH_IN, max(1.9, heights + (0.3 if len(names) > 1 else 0))), layout="constrained"
        )
        FigureCanvasAgg(canvas)
        axes = canvas.add_subplot()
        _draw_bars(axes, series, labels, indicators, numbers, kind)
        formatter = FuncFormatter(
            lambda number, _position: format_number(Fraction(number).limit_denominator(1000), _AXIS, numbers)
        )
        along = axes.xaxis if lying else axes.yaxis
        along.set_major_formatter(formatter)
        (axes.set_xlabel if lying else axes.set_ylabel)(axis)
        along.grid(visible=True, color="#dddddd", linewidth=0.6)
        axes.set_axisbelow(True)
        if len(names) > 1:
            canvas.legend(loc="outside upper center", ncols=min(3, len(names)), frameon=False)
        png, svg = io.BytesIO(), io.StringIO()
        canvas.savefig(png, format="png", dpi=200, metadata={"Software": None})
        canvas.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    marks = tuple(Mark(name, label, series[name][label].id) for name in names for label in labels)
    return Drawing(png.getvalue(), svg.getvalue(), marks)


_AXIS = NumberFormat(pad=1)


def _draw_bars(
    axes: Any,
    series: Series,
    labels: Sequence[str],
    indicators: Mapping[str, Indicator],
    numbers: Numbers,
    kind: ChartKind,
) -> None:
    names = list(series)
    lying = kind != "column"
    base = [0.0] * len(labels)
    for number, name in enumerate(names):
        values = [series[name][label] for label in labels]
        # Drawing is the one use of a bare number that prints none.
        lengths = [float(value.number) if value.number is not None else 0.0 for value in values]
        colour = COLOURS[number % len(COLOURS)]
        texts = [format_value(value, indicators, numbers) for value in values]
        if kind == "stacked":
            bars = axes.barh(range(len(labels)), lengths, 0.7, left=base, color=colour, label=name)
            base = [left + length for left, length in zip(base, lengths, strict=True)]
        else:
            thick = 0.8 / len(names)
            places = [i + (number - (len(names) - 1) / 2) * thick for i in range(len(labels))]
            draw = axes.barh if lying else axes.bar
            bars = draw(places, lengths, thick * 0.92, color=colour, label=name)
            axes.bar_label(bars, texts, padding=2, fontsize=7.5)
    if lying:
        axes.set_yticks(range(len(labels)), labels)
        axes.invert_yaxis()
        axes.margins(x=0.12)
    else:
        axes.set_xticks(range(len(labels)), labels)
        axes.margins(y=0.12)
