"""Everything there is to say about a period's submissions and the numbers made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from baocao.checking.breakdowns import split_value
from baocao.checking.definitions import (
    Definition,
    check_definitions,
    find_without_base,
    list_definitions,
    make_declared,
)
from baocao.checking.identities import Identities, Listed, Relation, Share, list_id, read_identities
from baocao.checking.listing import check_listing
from baocao.checking.narratives import check_narratives
from baocao.checking.registers import check_rule, read_entries
from baocao.checking.relations import Checked, check_relations
from baocao.checking.restating import find_restated, tell_restated
from baocao.checking.vacuous import find_vacuous
from baocao.project.errors import TraceError
from baocao.project.findings import Finding
from baocao.project.language import _, language_in_force
from baocao.reading.forms.grouping import group_findings
from baocao.reading.forms.treatments import accept_contradictions, find_idle
from baocao.reading.tables import check_tables, read_tables
from baocao.tracing.evaluating import Evaluator, find_built, read_typed, read_values
from baocao.tracing.record import parse_trace, two_values
from baocao.tracing.trace import Trace, is_built, read_trace
from baocao.values.views import View

if TYPE_CHECKING:
    from baocao.project.folder import Project
    from baocao.project.periods import Period
    from baocao.reading.tables import Tables
    from baocao.values.nodes import Node
    from baocao.values.value import Value


@dataclass(frozen=True)
class CheckedPeriod:
    """
    What a check found.

    Parameters
    ----------
    findings
        Errors first; empty where there is nothing to say. Submissions that
        params treat are listed as warnings.
    skipped
        Relations that could not be looked at, with the ids or forms that are not there.
    notes
        What the reader has to know about the check itself.
    """

    findings: tuple[Finding, ...]
    skipped: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]


def check_period(project: Project, period: Period) -> CheckedPeriod:
    """
    Find everything there is to say about a period, all at once: what stops a build, and what does not.

    No notebook is run. The numbers are made from the submissions as they lie
    there, by the derivations that the last build has recorded, of this period
    or else of another one.
    """
    tables = read_tables(project, period)
    submitted = check_tables(project, period)
    findings = list(submitted.findings)
    notes: list[str] = []
    nodes: Mapping[str, Node] = {}
    values: Mapping[str, Value] = {}
    record = None
    found: Trace | None = None
    try:
        found = read_trace(project, period)
    except TraceError as error:
        if is_built(project, period):
            notes.append(
                _("{error} Only submissions, registers and typed numbers were checked.", error=error)
            )
        elif (found := _find_other(project, period)) is None:
            notes.append(
                _(
                    "{period} has not been built, so only submissions, registers and typed numbers were checked; 'baocao build {period}' first, to have every number checked.",
                    period=period,
                )
            )
    else:
        record = found.record
        findings += _one_meaning(project, period, found)
    if found is not None:
        nodes = found.values
        findings += check_definitions(project.params.indicators, nodes)
        try:
            known = read_values(tables, found)
        except TraceError as error:
            findings += error.findings
        else:
            notes += known.notes
            values = known.values
            findings += find_without_base(values)
    if not submitted.compared:
        notes.append(
            _(
                "there are no submissions of {previous}, so nothing was compared with the period before.",
                previous=period.previous,
            )
        )
    numbers = check_numbers(tables, nodes, values)
    findings += numbers.findings
    findings += check_narratives(project, period, nodes or None)
    register = project.house.folders.register
    if tables.has(register):
        findings += check_listing(tables.table(register), project.params, record)
    findings += tell_restated(find_restated(project, period, record.files if record else ()))
    findings += find_idle(tables.treatments, {*submitted.treated, *numbers.accepted})
    findings.sort(key=lambda finding: finding.severity != "error")
    return CheckedPeriod(tuple(dict.fromkeys(findings)), numbers.skipped, tuple(notes))


def _find_other(project: Project, period: Period) -> Trace | None:
    """Find the trace of another period, whose derivations serve where a period has not been built."""
    try:
        return find_built(project, period)
    except TraceError:
        return None


def check_numbers(
    tables: Tables, nodes: Mapping[str, Node], values: Mapping[str, Value] | None = None
) -> Checked:
    """
    Hold the numbers of a period, and the entries of its registers, against ``params/identities.yaml``.

    Parameters
    ----------
    nodes
        How they are made: the ``values`` of a trace.
    values
        What they are, where somebody has made them already.
    """
    project, period = tables.project, tables.period
    identities = read_identities(project.params)
    values = {**read_typed(tables), **(Evaluator(nodes, tables) if values is None else values)}
    values = {**make_declared(project.params.indicators, values), **values}
    labels = _label(project, values)
    relations = (*identities.relations, *_stated(identities, values, labels))
    checked = check_relations(
        relations,
        {**_by_former_ids(project, values), **values, **_count_lists(relations, tables)},
        labels,
        lambda value: split_value(value, tables),
        project.house.numbers,
        project.house.language,
    )
    for rule in identities.registers:
        if tables.has(rule.form):
            entries = read_entries(tables.table(rule.form), rule.where)
            found = check_rule(rule, entries, period, identities, project.house)
            checked.findings += group_findings(found)
        else:
            checked.skipped[rule.name] = (rule.form,)
    checked.findings += find_vacuous(identities, nodes)
    errors = {finding.code for finding in checked.findings if finding.severity == "error"}
    checked.findings, accepted = accept_contradictions(checked.findings, tables.treatments, errors)
    checked.accepted.update(accepted)
    return checked


def find_definitions(
    project: Project, period: Period | None = None
) -> tuple[list[Definition], list[Finding]]:
    """
    List every share and ratio, and what is wrong with their names.

    Parameters
    ----------
    period
        A built one; None takes the latest. Where nothing is built the
        definitions of ``params/indicators.yaml`` stand alone.

    Raises
    ------
    TraceError
        The period asked for has not been built.
    """
    trace = read_trace(project, period) if period else find_built(project)
    indicators, values = project.params.indicators, trace.values if trace else {}
    return list_definitions(indicators, values, project.house.language), check_definitions(indicators, values)


def _label(project: Project, values: Mapping[str, Value]) -> dict[str, str]:
    """Return what a reader calls each id that params know, or know the first half of (``__tu``, ``__xa``)."""
    params = project.params
    known = {item.code: item.label for form in params.forms.values() for item in form.indicators}
    known |= {key: one.label for key, one in params.indicators.items()}
    halves = {
        "tu": _("part"),
        "mau": _("whole"),
        **{key: one.name for key, one in params.place.levels.items()},
    }
    labels = {}
    for key in values:
        stem, _bar, half = key.partition("__")
        if key in known:
            labels[key] = known[key]
        elif stem in known and half in halves:
            labels[key] = f"{known[stem]} ({halves[half]})"
    return labels


def _stated(identities: Identities, values: Mapping[str, Value], labels: Mapping[str, str]) -> list[Relation]:
    """Make a relation for each typed cell that states what a value computes."""
    prefix = identities.stated
    about = {key: key.removeprefix(prefix) for key in values if prefix and key.startswith(prefix)}
    return [
        Share(
            kind="share",
            name="stated-share",
            says={
                language_in_force(): _(
                    "The number that the office states ({label}) must be the one computed from its details.",
                    label=labels.get(stated, stated),
                )
            },
            stated=stated,
            part=(computed,),
        )
        for stated, computed in about.items()
        if computed in values
    ]


def _by_former_ids(project: Project, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return values by the ids they had before, which relations may still name."""
    return {old: values[new] for old, new in project.params.aliases.items() if new in values}


def _count_lists(relations: Sequence[Relation], tables: Tables) -> dict[str, Value]:
    """Count the entries that ``list`` relations speak of."""
    counted = {}
    for relation in relations:
        if isinstance(relation, Listed) and tables.has(relation.form):
            table = tables.table(relation.form)
            view = View(table, tables.project.params, tuple(range(len(table.files)))).where(**relation.where)
            counted[list_id(relation)] = view.count(unit=_("entries"))
    return counted


def _one_meaning(project: Project, period: Period, trace: Trace) -> list[Finding]:
    """Find ids that stand in two reports for two numbers, or for one number made in two ways."""
    seen: dict[str, tuple[str, Node]] = {}
    found = []
    for report in trace.record.reports:
        path = project.output(period) / f"{report}.trace.json"
        try:
            values = parse_trace(path.read_bytes(), str(path)).values
        except FileNotFoundError:
            continue  # a report that is not finished says nothing yet
        for key, node in values.items():
            first, known = seen.setdefault(key, (report, node))
            if (known.number, known.unit) != (node.number, node.unit):
                found.append(two_values(key, known, node, first, report))
            elif (known.op, known.basis, known.parents) != (node.op, node.basis, node.parents):
                found.append(
                    Finding(
                        "two-bases",
                        "error",
                        _(
                            "The id {id!r} is computed in two ways in the reports {first} and {second}, though the two numbers agree now",
                            id=key,
                            first=first,
                            second=report,
                        ),
                        ids=(key,),
                        expected=_format_derivation(known),
                        got=_format_derivation(node),
                        action=_("Give one of the two values another id, or compute both alike."),
                    )
                )
    return found


def _format_derivation(node: Node) -> str:
    return f"{node.op} {node.basis or ', '.join(node.parents)}"
