"""Plots whose marks know their values: drawn once, as PNG for Word and SVG for PDF and HTML, byte for byte the same."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

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

#: What a series says of what it counts: ``late`` and ``good`` are read from their colour, the others only told apart.
Tone = Literal["plain", "good", "late"]

WIDTH_IN = 6.3
# From dark to light, so that grey print tells them apart; hatched, so that a copy of a copy does.
_LOOKS: tuple[tuple[str, str], ...] = (
    ("#1f4e79", ""),
    ("#8fb4d9", "////"),
    ("#e3e3e3", ""),
    ("#b58a3c", "...."),
    ("#6e6e6e", "\\\\\\\\"),
)
_TONES: dict[Tone, tuple[str, str]] = {"good": ("#2f7d4f", ""), "late": ("#a3201d", "xxxx")}
_DARK = frozenset({"#1f4e79", "#6e6e6e", "#2f7d4f", "#a3201d"})
_SIZE = 11
_TICKS = 4  # numbers of seven digits stand side by side
_STYLE: dict[str, Any] = {
    "font.size": _SIZE,
    "hatch.linewidth": 0.6,
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
    tones: Mapping[str, Tone] | None = None,
    fonts: Sequence[Path] = (),
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
    tones
        What the colour of a series says, by its name; ``plain`` where it is not named.
    fonts
        Files of the page's typeface; without any, that of the drawing library.

    Raises
    ------
    UsageError
        There is nothing to draw, there is no such kind, the labels of the series
        differ, or a tone is given for a series that there is not.
    """
    if kind not in get_args(ChartKind):
        raise UsageError(
            _("a chart's kind is one of {known}, got {kind!r}.", known=get_args(ChartKind), kind=kind)
        )
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    names = list(series)
    labels = list(series[names[0]]) if names else []
    if not labels or any(list(series[name]) != labels for name in names):
        raise UsageError(_("expected a chart's series to have the same labels, at least one."))
    if unknown := [name for name in tones or {} if name not in names]:
        raise UsageError(_("a chart has no series {unknown}; it has {names}.", unknown=unknown, names=names))
    lying = kind != "column"
    row = 0.62 if kind == "stacked" else 0.16 + 0.22 * len(names)
    heights = 0.8 + row * len(labels) if lying else 3.2
    with mpl.rc_context():
        mpl.rcdefaults()  # a person's own matplotlibrc must not reach a report
        mpl.rcParams.update(_STYLE)
        mpl.rcParams["font.family"] = _register(fonts)
        canvas = Figure(
            figsize=(WIDTH_IN, max(1.9, heights + (0.3 if len(names) > 1 else 0))), layout="constrained"
        )
        FigureCanvasAgg(canvas)
        axes = canvas.add_subplot()
        looks = _choose_looks(names, tones or {})
        _draw_bars(axes, series, labels, indicators, numbers, kind, looks)
        formatter = FuncFormatter(
            lambda number, _position: format_number(Fraction(number).limit_denominator(1000), _AXIS, numbers)
        )
        along = axes.xaxis if lying else axes.yaxis
        along.set_major_locator(MaxNLocator(nbins=_TICKS))
        along.set_major_formatter(formatter)
        (axes.set_xlabel if lying else axes.set_ylabel)(axis)
        along.grid(visible=True, color="#dddddd", linewidth=0.6)
        axes.set_axisbelow(True)
        if len(names) > 1:
            canvas.legend(
                loc="outside upper center",
                ncols=min(2 if max(map(len, names)) > 18 else 3, len(names)),
                frameon=False,
            )
        png, svg = io.BytesIO(), io.StringIO()
        canvas.savefig(png, format="png", dpi=200, metadata={"Software": None})
        canvas.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    marks = tuple(Mark(name, label, series[name][label].id) for name in names for label in labels)
    return Drawing(png.getvalue(), svg.getvalue(), marks)


_AXIS = NumberFormat(pad=1)


def _register(fonts: Sequence[Path]) -> str:
    """Make a typeface known to the drawing library, and return its family."""
    from matplotlib import font_manager

    family = "DejaVu Sans"
    for path in fonts:
        name = font_manager.FontProperties(fname=path).get_name()
        if not any(entry.fname == str(path) for entry in font_manager.fontManager.ttflist):
            font_manager.fontManager.addfont(path)
        family = name
    return family


def _choose_looks(names: Sequence[str], tones: Mapping[str, Tone]) -> dict[str, tuple[str, str]]:
    """Return each series a colour and a hatch; those without a tone take the plain ones in turn."""
    plain = iter(_LOOKS * (1 + len(names) // len(_LOOKS)))
    return {name: _TONES.get(tones.get(name, "plain")) or next(plain) for name in names}


def _draw_bars(
    axes: Any,
    series: Series,
    labels: Sequence[str],
    indicators: Mapping[str, Indicator],
    numbers: Numbers,
    kind: ChartKind,
    looks: Mapping[str, tuple[str, str]],
) -> None:
    names = list(series)
    lying = kind != "column"
    base = [0.0] * len(labels)
    outside: list[list[str]] = [[] for _ in labels]
    whole = max(_sums(series, labels), default=0.0)
    for number, name in enumerate(names):
        values = [series[name][label] for label in labels]
        # Drawing is the one use of a bare number that prints none.
        lengths = [_length(value) for value in values]
        colour, hatch = looks[name]
        texts = [format_value(value, indicators, numbers) for value in values]
        look = {"color": colour, "hatch": hatch, "edgecolor": "#404040", "linewidth": 0.4, "label": name}
        if kind == "stacked":
            axes.barh(range(len(labels)), lengths, 0.5, left=base, **look)
            for index, (left, length, text) in enumerate(zip(base, lengths, texts, strict=True)):
                # About 0.11 inches a digit; what has no room in its bar stands behind the last one.
                if whole and length / whole * (WIDTH_IN - 1.6) > 0.11 * len(text):
                    shade = {"facecolor": colour, "edgecolor": "none", "pad": 1.0}
                    axes.text(
                        left + length / 2, index, text, ha="center", va="center", fontsize=_SIZE - 1,
                        color="white" if colour in _DARK else "black", bbox=shade,
                    )  # fmt: skip
                else:
                    outside[index].append(text)
            base = [left + length for left, length in zip(base, lengths, strict=True)]
        else:
            thick = 0.8 / len(names)
            places = [i + (number - (len(names) - 1) / 2) * thick for i in range(len(labels))]
            draw = axes.barh if lying else axes.bar
            bars = draw(places, lengths, thick * 0.92, **look)
            axes.bar_label(bars, texts, padding=2, fontsize=_SIZE - 1)
    for index, texts in enumerate(outside):
        if texts:
            axes.annotate(
                " + ".join(texts), (base[index], index), xytext=(3, 0), textcoords="offset points",
                va="center", fontsize=_SIZE - 1,
            )  # fmt: skip
    if lying:
        axes.set_yticks(range(len(labels)), labels)
        axes.invert_yaxis()
        axes.margins(x=0.18 if kind == "stacked" and any(outside) else 0.13)
    else:
        axes.set_xticks(range(len(labels)), labels)
        axes.margins(y=0.14)


def _length(value: Value) -> float:
    return float(value.number) if value.number is not None else 0.0


def _sums(series: Series, labels: Sequence[str]) -> list[float]:
    return [sum(_length(row[label]) for row in series.values()) for label in labels]
