"""The annexes of a report: which rows of which form make each cell, or which indicator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from baocao.documents.annexes import ABSENT, AnnexCell, AnnexColumn, AnnexRow, AnnexTable
from baocao.project.findings import Finding
from baocao.project.folder import Project
from baocao.project.house import Facts
from baocao.project.language import _
from baocao.project.models import Indicator
from baocao.project.periods import Period
from baocao.project.reports import AnnexLine, AnnexSpec
from baocao.project.text import slug
from baocao.reading.forms.overlay import NUMBERS
from baocao.reading.tables import Tables
from baocao.sections.parts import Printed
from baocao.values.formatting import format_value
from baocao.values.groups import Groups
from baocao.values.nodes import Node, make_node
from baocao.values.value import Span, Value, total
from baocao.values.views import View, whole_view

_AS_TYPED = "01"  # a table fills no count up to two digits
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV")


@dataclass
class Annexer:
    """
    Makes the annexes of one report.

    Parameters
    ----------
    known
        The values that the report's notebooks made.
    fill
        Puts the words of place and period into a text.
    findings
        Gets what there is to say about cells that stay empty and sums that are none.
    """

    project: Project
    period: Period
    tables: Tables
    known: Mapping[str, Node]
    fill: Callable[[str], str]
    findings: list[Finding]

    def make(self, specs: Sequence[AnnexSpec], facts: Facts) -> list[AnnexTable]:
        """Return the annexes, in their order."""
        words = self.project.house.document.annexes
        made = []
        for number, spec in enumerate(specs, 1):
            carried = _Carried()
            columns, rows = self._list(spec, carried) if spec.lines else self._group(spec, carried)
            made.append(
                AnnexTable(
                    spec.id,
                    words.label(number, len(specs)),
                    self.fill(spec.title),
                    words.attached(facts),
                    self.fill(spec.caption),
                    tuple(columns),
                    tuple(rows),
                    nodes=carried.nodes,
                    blocks=carried.blocks,
                )
            )
        return made

    # -- a form, added up by groups ----------------------------------------------

    def _view(self, form: str, where: Mapping[str, str | tuple[str, ...]]) -> View:
        return whole_view(self.tables.table(form), self.project.params).where(**where)

    def _group(self, spec: AnnexSpec, carried: _Carried) -> tuple[list[AnnexColumn], list[AnnexRow]]:
        assert spec.form is not None
        assert spec.by is not None
        view = self._view(spec.form, spec.where)
        form = view.table.form
        names = spec.columns or tuple(
            column.name for column in form.columns if column.type in NUMBERS and column.adds
        )
        groups = view.by(spec.by)
        wholes = {name: view.total(name) for name in names}
        sums = dict.fromkeys(names, Fraction(0))
        rows = []
        used: set[str] = set()
        for number, (key, label) in enumerate(self._list_groups(spec, groups), 1):
            cells: list[AnnexCell] = [str(number), label]
            name_of = slug(key) if slug(key) not in used else f"{slug(key)}_{number}"
            used.add(name_of)
            for name in names:
                if key in groups.views or not self._is_silent(groups, key):
                    value = groups[key].total(name).named(f"{spec.id}__{name_of}__{name}")
                    sums[name] += value.number or 0
                    cells.append(self._print(value, carried))
                else:
                    cells.append(ABSENT)
            rows.append(AnnexRow(tuple(cells)))
        if spec.total is not None:
            last = [self._print(whole.named(f"{spec.id}__{name}"), carried) for name, whole in wholes.items()]
            rows.append(AnnexRow(("", self.fill(spec.total), *last), "total"))
        self._require_sums(spec, sums, wholes)
        return _list_columns(spec, view, names), rows

    def _list_groups(self, spec: AnnexSpec, groups: Groups) -> Iterator[tuple[str, str]]:
        """Yield key and label; of units also those that sent nothing, in the order of ``units.csv``."""
        if spec.by != "unit":
            yield from ((key, str(groups.label(key))) for key in groups)
            return
        form = groups.whole.table.form
        asked = {name: _fold(texts) for name, texts in spec.where.items() if name in ("level", "type")}
        present = self.project.params.units_of(self.period)
        due = [
            code
            for code, unit in present.items()
            if (not form.levels or unit.level in form.levels)
            and all(getattr(unit, name).casefold() in texts for name, texts in asked.items())
            and code.casefold() in (_fold(spec.where["unit"]) if "unit" in spec.where else {code.casefold()})
        ]
        # One that ended within a longer period reported for its parts.
        order = [*due, *(key for key in groups if key not in due)]
        known = {code: at for at, code in enumerate(self.project.params.units)}
        for code in sorted(order, key=lambda code: known.get(code, len(known))):
            unit = present.get(code) or self.project.params.units.get(code)
            yield code, unit.name if unit else str(groups.label(code))

    def _is_silent(self, groups: Groups, key: str) -> bool:
        """Tell whether a unit has no row in the form at all: its numbers are not known, and not 0."""
        return groups.name != "unit" or key not in groups.whole.table.units

    def _require_sums(
        self, spec: AnnexSpec, sums: Mapping[str, Fraction], wholes: Mapping[str, Value]
    ) -> None:
        for name, whole in wholes.items():
            if whole.number != sums[name]:
                self.findings.append(
                    Finding(
                        "annex-sum",
                        "error",
                        _(
                            "the rows of annex {id} do not make its total in column {column}",
                            id=spec.id,
                            column=name,
                        ),
                        ids=(f"{spec.id}__{name}",),
                        expected=str(whole.number),
                        got=str(sums[name]),
                        action=_("Group by a column that every row of the form fills in."),
                    )
                )

    # -- indicators, line by line ------------------------------------------------

    def _list(self, spec: AnnexSpec, carried: _Carried) -> tuple[list[AnnexColumn], list[AnnexRow]]:
        rows = []
        headings = items = 0
        for line in spec.lines:
            if line.heading is not None:
                roman = _ROMAN[headings] if headings < len(_ROMAN) else ""
                headings += 1
                rows.append(AnnexRow((roman, self.fill(line.heading), "", "", ""), "heading"))
                continue
            items += 1
            assert line.id is not None
            indicator = self.project.params.indicators[line.id]
            value = self._find_value(line, line.id, indicator)
            cell: AnnexCell = ABSENT
            if value is None:
                self._tell_missing(spec, line.id, indicator)
            else:
                cell = self._print(value, carried)
            label = self.fill(line.label) if line.label else indicator.label
            rows.append(
                AnnexRow((str(items), label, line.unit or indicator.unit, cell, self.fill(line.note)))
            )
        sides = ("center", "left", "center", "right", "left")
        return [AnnexColumn((head,), side=side) for head, side in zip(spec.head, sides, strict=True)], rows  # type: ignore[arg-type]

    def _find_value(self, line: AnnexLine, id: str, indicator: Indicator) -> Value | None:
        if line.form is not None:
            view = self._view(line.form, line.where)
            unit = indicator.unit
            if line.column is None:
                return view.count(id, unit=unit)
            return view.total(line.column, id, unit=unit)
        if id in self.known:
            return self._restore(id)
        made_of = [self._restore(part) for part in indicator.made_of if part in self.known]
        if not made_of or len(made_of) < len(indicator.made_of):
            return None
        return (made_of[0] / made_of[1] if indicator.share else total(made_of)).named(id)

    def _restore(self, id: str) -> Value:
        node = self.known[id]
        parents = tuple(self._restore(parent) for parent in node.parents)
        return Value(node.number, node.unit, node.op, parents, (), node.basis, id)

    def _tell_missing(self, spec: AnnexSpec, id: str, indicator: Indicator) -> None:
        self.findings.append(
            Finding(
                "annex-blank",
                "warning",
                _("annex {annex} has no number for «{label}»", annex=spec.id, label=indicator.label),
                ids=(id,),
                expected=_("a value that a section of the report prints"),
                got=ABSENT,
                action=_(
                    "Print {id} in a section, or say in params/reports.yaml from which form the line is read.",
                    id=id,
                ),
            )
        )

    # -- cells -------------------------------------------------------------------

    def _print(self, value: Value, carried: _Carried) -> Printed:
        params = self.project.params
        indicator = params.indicators.get(value.id)
        whole = (
            value.unit != "%" and value.op != "over" and (not indicator or indicator.print.decimals is None)
        )
        text = format_value(value, params.indicators, params.house.numbers, _AS_TYPED if whole else "")
        carried.take(value, self.known)
        return Printed(value=value.id, text=text)


class _Carried:
    """What the values of one annex were made of."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.blocks: dict[str, tuple[Span, ...]] = {}

    def take(self, value: Value, known: Mapping[str, Node]) -> None:
        for one in value.walk():
            # One that was restored has no sources here: the notebook has carried them.
            self.nodes[one.id] = known[one.id] if one.id in known and not one.sources else make_node(one)
            self.blocks |= {source.block.key: source.block.spans for source in one.sources}


def _list_columns(spec: AnnexSpec, view: View, names: Sequence[str]) -> list[AnnexColumn]:
    """Return the columns with the form's own heads and numbers."""
    form = view.table.form
    order, label = spec.head
    numbers = {name: form.column(name).number for name in names}
    numbered = all(number is not None for number in numbers.values())
    at = {name: index for index, name in enumerate(names, 2)}
    parts = {rule.of: rule.parts for rule in reversed(form.sums)}
    found = []
    for name in names:
        inner = parts.get(name, ())
        whole = bool(inner) and all(part in at for part in inner)
        said = f"({numbers[name]})" if numbered else ""
        path = tuple(form.column(name).label.split(" - "))
        found.append(AnnexColumn(path, said, "right", tuple(at[part] for part in inner) if whole else ()))
    lead = ("(1)", "(2)") if numbered else ("", "")
    return [AnnexColumn((order,), lead[0], "center"), AnnexColumn((label,), lead[1], "left"), *found]


def _fold(texts: str | tuple[str, ...]) -> set[str]:
    return {text.casefold() for text in ((texts,) if isinstance(texts, str) else texts)}
