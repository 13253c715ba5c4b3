"""The folder ``params/``: what is data and not code."""

from __future__ import annotations

import csv
import string
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from baocao.project.cells import is_cell
from baocao.project.errors import UsageError
from baocao.project.forms import LISTS, AtMost, Column, Form, RowRule, Words
from baocao.project.house import House, find_house
from baocao.project.language import N_, _
from baocao.project.located import KeyPath, LocatedData, name_file, read_params_text, read_yaml
from baocao.project.models import Body, Indicator, PeriodParams, Place, Unit
from baocao.project.reports import AnnexLine, AnnexTable, ReportPlan, ReportSpec
from baocao.project.schemas import Fault, list_faults, name_near, refuse, unknown_name, validate
from baocao.project.succession import check_succession, find_heirs, list_present
from baocao.project.text import fold_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from baocao.project.periods import Period

_T = TypeVar("_T", bound=BaseModel)
_B = TypeVar("_B", bound=Body)
_PURPOSES = {
    "place.yaml": N_("code, name, short, kind, issuer and levels of the place the reports are written for"),
    "units.csv": N_("a line 'code,name,type,level', and below it a line for each unit that reports"),
    "offices.csv": N_("a line 'code,name', and below it a line for each office that keeps registers"),
    "forms.yaml": N_(
        "'forms:', and below it each form with title, source, sheet, kind, header, first_row, columns"
    ),
    "indicators.yaml": N_("each id with its label and unit: 'tthc_tong: {label: ..., unit: TTHC}'"),
    "reports.yaml": N_("each report with title, recipient, copies, signature and sections"),
    "identities.yaml": N_(
        "'relations:' and 'registers:', each a list; 'relations: []' where nothing is compared"
    ),
}
OF_THE_UNIT = ("unit", "level", "type")
"""What rows are chosen and grouped by beside the columns of their form: who sent the workbook."""
_PERIOD = N_(
    "'period: {period}' is enough to begin; signer, number, issued_on, drafter, treatments, names may follow"
)


class Params:
    """
    The folder ``params/`` of a project, read when asked and checked.

    Parameters
    ----------
    folder
        The folder; nothing is read until a property is used.

    Raises
    ------
    ParamsError
        A file is missing, is not YAML, or does not hold what it must; every
        fault of the file is in ``findings``, with its line.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._periods: dict[str, PeriodParams] = {}

    # -- files -------------------------------------------------------------

    def read(
        self,
        name: str,
        model: type[_T],
        check: Callable[[_T], Iterable[Fault]] = lambda read: (),  # noqa: ARG005
    ) -> _T:
        """
        Read a whole file of the folder into a model, which may be another module's.

        Parameters
        ----------
        check
            Finds what the model alone cannot: names that must stand elsewhere.

        Raises
        ------
        ParamsError
            The file is missing, is no YAML, or is not what the model and ``check`` ask for.
        """
        located = self._read_yaml(name)
        read = validate(located, model, self.folder / name)
        self._refuse(located, check(read))
        return read

    def _read_yaml(self, name: str) -> LocatedData:
        purpose = _(_PURPOSES[name]) if name in _PURPOSES else _(_PERIOD, period=name.removesuffix(".yaml"))
        return read_yaml(self.folder / name, purpose)

    def _read_map(
        self, name: str, model: type[_T], at: KeyPath = (), key: str | None = None
    ) -> tuple[LocatedData, dict[str, _T]]:
        """Read a file that holds one model under each key; ``key`` is the field that takes the key."""
        located = self._read_yaml(name)
        data = located.data
        for part in at:
            data = data.get(part) if isinstance(data, dict) else None
        if not isinstance(data, dict):
            self._refuse(
                located,
                [Fault(at, _("this is not what belongs there"), _(_PURPOSES[name]), _("something else"))],
            )
        faults: list[Fault] = []
        models: dict[str, _T] = {}
        for one, entry in data.items():
            if key and isinstance(entry, dict):
                entry[key] = one
            found = list_faults(located, model, (*at, one))
            faults += found
            if not found:
                models[one] = model.model_validate(entry)
        self._refuse(located, faults)
        return located, models

    def _read_rows(self, name: str, model: type[_B]) -> tuple[LocatedData, tuple[_B, ...]]:
        """Read a table of bodies."""
        path = self.folder / name
        lines = read_params_text(path, _(_PURPOSES[name])).split("\n")
        located = LocatedData(name_file(path), [])
        try:
            reader = csv.DictReader(lines, strict=True)
            self._check_columns(located, list(reader.fieldnames or ()), model, lines[0])
            faults = []
            for row in reader:
                at = (len(located.data),)
                located.lines[at] = reader.line_num
                if None in row:
                    message = _(
                        "the line has more entries than the head; a text with a comma stands in quotes"
                    )
                    faults.append(Fault(at, message))
                located.data.append(
                    {column: text.strip() for column, text in row.items() if column and (text or "").strip()}
                )
        except csv.Error:
            # The reader of CSV says why in English only, and of its own states.
            faults = [
                Fault(
                    (len(located.data),), _("this is not CSV: quotes are not closed, or stand within a text")
                )
            ]
        self._refuse(located, faults)
        self._refuse(
            located,
            (fault for index in range(len(located.data)) for fault in list_faults(located, model, (index,))),
        )
        bodies = tuple(model.model_validate(row) for row in located.data)
        if not bodies:
            self._refuse(located, [Fault((), _("nobody is listed"), _(_PURPOSES[name]), _("nothing"))])
        self._refuse(located, (Fault((fault.place,), fault.message) for fault in check_succession(bodies)))
        return located, bodies

    def _check_columns(self, located: LocatedData, columns: list[str], model: type[Body], head: str) -> None:
        names = {field.alias or name: field.is_required() for name, field in model.model_fields.items()}
        wrong = [column for column in columns if column not in names or columns.count(column) > 1]
        missing = [name for name, required in names.items() if required and name not in columns]
        if wrong or missing:
            message = (
                _("it is parted by ';': save it as CSV parted by commas")
                if ";" in head
                else _("these are not its columns")
            )
            self._refuse(located, [Fault((), message, ", ".join(names), ", ".join(columns) or _("none"))])

    def _refuse(self, located: LocatedData, faults: Iterable[Fault]) -> None:
        listed = list(faults)
        if listed:
            raise refuse(self.folder / located.file.rpartition("/")[2], located, listed)

    # -- what they hold ------------------------------------------------------

    @cached_property
    def place(self) -> Place:
        """The place of the reports."""
        return self.read("place.yaml", Place)

    @property
    def house(self) -> House:
        """Words, formats and folder names of the place's administration."""
        return find_house(self.place.house)

    @cached_property
    def all_units(self) -> tuple[Unit, ...]:
        """Every unit that ever reported, in the order of ``units.csv``."""
        located, units = self._read_rows("units.csv", Unit)
        self._refuse(
            located,
            (
                unknown_name((index,), _("level"), unit.level, self.place.levels)
                for index, unit in enumerate(units)
                if unit.level not in self.place.levels
            ),
        )
        return units

    @cached_property
    def units(self) -> dict[str, Unit]:
        """Every unit by code, as it is called last; for those of a period see :meth:`units_of`."""
        return {unit.code: unit for unit in self.all_units}

    def units_of(self, period: Period) -> dict[str, Unit]:
        """
        Return the units of a period by code: those that are there on the last day of its window.

        A unit that ended within the window is not asked; whoever took over reports for it.
        """
        return list_present(self.all_units, period.end)

    @cached_property
    def all_offices(self) -> tuple[Body, ...]:
        """Every office that ever kept registers, in the order of ``offices.csv``; none where no form asks one."""
        asked = f"source: {self.house.folders.offices}/"
        forms = self.folder / "forms.yaml"
        if not (self.folder / "offices.csv").exists() and (
            not forms.exists() or asked not in forms.read_text("utf-8", errors="replace")
        ):
            return ()
        return self._read_rows("offices.csv", Body)[1]

    @cached_property
    def offices(self) -> dict[str, str]:
        """Names of the offices that keep registers, by code."""
        return {office.code: office.name for office in self.all_offices}

    def source_of(self, form: Form, period: Period) -> str:
        """
        Return whose workbook a form lies in for a period.

        It is the form's ``source``; of an office that has ended, its successor's,
        and of one that had not begun, that of the office it took over from.
        """
        place, _slash, office = form.source.partition("/")
        if place != self.house.folders.offices:
            return form.source
        present = list_present(self.all_offices, period.end)
        before = [body.code for body in self.all_offices if office in body.successors]
        for code in (*find_heirs(office, self.all_offices, period.end), *before):
            if code in present:
                return f"{place}/{code}"
        return form.source

    @cached_property
    def forms(self) -> dict[str, Form]:
        """Forms by name."""
        located, forms = self._read_map("forms.yaml", Form, ("forms",), "name")
        self._refuse(located, self._check_forms(forms))
        said = located.data.get("words", {})
        self._refuse(located, list_faults(located, Words, ("words",)) if said else ())
        words = Words.model_validate(said)
        return {name: form.model_copy(update={"words": words}) for name, form in forms.items()}

    def _check_forms(self, forms: Mapping[str, Form]) -> Iterable[Fault]:
        folders = self.house.folders
        sources = [folders.units, folders.register, *(f"{folders.offices}/{code}" for code in self.offices)]
        sheets: dict[tuple[str, str], str] = {}
        for name, form in forms.items():
            at = ("forms", name)
            if form.source not in sources:
                yield unknown_name((*at, "source"), _("source"), form.source, sources)
            levels = [*form.levels, *(level for indicator in form.indicators for level in indicator.levels)]
            for level in dict.fromkeys(levels):
                if level not in self.place.levels:
                    yield unknown_name((*at, "levels"), _("level"), level, self.place.levels)
            first = sheets.setdefault((form.source, form.sheet.casefold()), name)
            if first != name:
                message = _("the forms {first} and {name} lie in one sheet", first=first, name=name)
                yield Fault((*at, "sheet"), message, _("a sheet of its own"), form.sheet)
            yield from _check_names(at, form, forms)
            yield from _check_declared(at, form)

    def form(self, name: str) -> Form:
        """
        Find a form by name.

        Raises
        ------
        UsageError
            There is none; the message lists those there are.
        """
        return _find(_("form"), name, self.forms)

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """Indicators by id."""
        located, indicators = self._read_map("indicators.yaml", Indicator)
        self._refuse(located, _check_ids(indicators))
        self._refuse(located, self._check_parts(indicators))
        return indicators

    def _check_parts(self, indicators: Mapping[str, Indicator]) -> Iterator[Fault]:
        """Find what ids are made of that no file knows, and ids that are made of themselves."""
        known = {*indicators, *(old for one in indicators.values() for old in one.aliases)}
        for key, indicator in indicators.items():
            for part in indicator.made_of:
                if not {part, part.partition("__")[0]} & known:
                    known |= {item.code for form in self.forms.values() for item in form.indicators}
                if not {part, part.partition("__")[0]} & known:
                    yield unknown_name((key,), _("id"), part, known)
            if key in _list_made_of(key, indicators):
                yield Fault((key,), _("it is made of itself"), _("ids that do not lead back to it"), key)

    @cached_property
    def aliases(self) -> dict[str, str]:
        """Today's id for every id that an indicator had before."""
        return {old: key for key, indicator in self.indicators.items() for old in indicator.aliases}

    @cached_property
    def reports(self) -> dict[str, ReportPlan]:
        """Reports by name, in the order they are built, whatever the period."""
        located, reports = self._read_map("reports.yaml", ReportPlan, key="name")
        self._refuse(located, _check_words(reports))
        if any(report.annexes for report in reports.values()):
            self._refuse(located, _check_annexes(reports, self.forms, self.indicators))
        return reports

    def reports_of(self, period: Period) -> dict[str, ReportSpec]:
        """Return the reports that there are for a period, by name, as they are for it."""
        return {name: plan.settle(period) for name, plan in self.reports.items() if plan.holds(period)}

    def report(self, name: str, period: Period) -> ReportSpec:
        """
        Return a report as it is for a period, whether or not it is made for it by itself.

        Raises
        ------
        UsageError
            There is none of the name, and the message lists those there are; or it has no words for the period.
        """
        return _find(_("report"), name, self.reports).settle(period)

    def period(self, period: object) -> PeriodParams:
        """
        Read the parameters of one period.

        Raises
        ------
        ParamsError
            ``params/<period>.yaml`` is missing, speaks of another period, or
            names a report, unit or office that is not there.
        """
        name = str(period)
        if name not in self._periods:
            self._periods[name] = self.read(
                f"{name}.yaml", PeriodParams, lambda read: self._check_period(read, name)
            )
        return self._periods[name]

    def _check_period(self, params: PeriodParams, period: str) -> Iterable[Fault]:
        if params.period != period:
            yield Fault(("period",), _("the file is about another period"), period, params.period)
        for key in ("number", "issued_on", "drafter"):
            for report in getattr(params, key):
                if report not in self.reports:
                    yield unknown_name((key, report), _("report"), report, self.reports)
        for name in params.deadlines:
            if name not in (owners := [*self.units, *self.offices, *self.place.levels]):
                yield unknown_name(("deadlines", name), _("unit, office or level"), name, owners)
        for cell in params.explanations:
            if not is_cell(cell):
                yield Fault(
                    ("explanations", cell),
                    _("an explanation is about one cell"),
                    f"{self.house.folders.units}/H01-….xlsx#06a!D12",
                    cell,
                )
        codes = [*self.units, *self.offices, self.house.folders.register]
        for code, treatment in params.treatments.items():
            if "#" not in code and code not in codes:
                yield unknown_name(("treatments", code), _("unit or office"), code, codes)
            if treatment.action == "take" and not is_cell(code):
                yield Fault(
                    ("treatments", code),
                    _("'take' is about one cell"),
                    f"{self.house.folders.units}/H01-….xlsx#06a!D12",
                    code,
                )


def _find(what: str, name: str, things: Mapping[str, _T]) -> _T:
    if name in things:
        return things[name]
    raise UsageError(
        _(
            "there is no {what} {name}; there are {names}.",
            what=what,
            name=repr(name),
            names=name_near(name, things),
        )
    )


def _check_declared(at: KeyPath, form: Form) -> Iterator[Fault]:
    """
    Find what does not say how it is taken over several periods, in a form that says it of the rest.

    A form that says nothing at all serves periods of one kind; putting it
    together, or comparing its numbers, is refused where it is asked for.
    """
    said = [form.over, *(column.over for column in form.columns), *(item.over for item in form.indicators)]
    if any(said):
        for name in form.undeclared:
            yield Fault(
                at,
                _("{name} does not say how it is taken over several periods", name=name),
                _("over: flow, first, last … or cumulative: ever, year"),
                _("nothing"),
            )


def _check_names(at: KeyPath, form: Form, forms: Mapping[str, Form]) -> Iterable[Fault]:
    """Find names of columns, rows and indicators in a form that do not stand where they point to."""
    places = [*LISTS, *(f"{name}.{column}" for name, other in forms.items() for column in other.by_name)]
    for index, column in enumerate(form.columns):
        for place in column.refers:
            if place not in places:
                yield unknown_name((*at, "columns", index, "refers"), _("place"), place, places)
        for name, text in column.unless.items():
            if name not in form.by_name:
                yield unknown_name((*at, "columns", index, "unless"), _("column"), name, form.by_name)
            else:
                yield from _check_choices((*at, "columns", index, "unless"), form.by_name[name], [text])
    codes = [indicator.code for indicator in form.indicators]
    names = codes if form.kind == "indicators" else [*form.by_name]
    for index, rule in enumerate(form.rules):
        for name in _list_columns(rule):
            if name not in names:
                yield unknown_name((*at, "rules", index), _("column"), name, names)
        if not isinstance(rule, AtMost) and rule.column in form.by_name:
            yield from _check_choices((*at, "rules", index), form.by_name[rule.column], rule.states)
    keys = [row.key for row in form.rows]
    for index, row in enumerate(form.rows):
        if row.within is not None and row.within not in keys:
            yield unknown_name((*at, "rows", index, "within"), _("row"), row.within, keys)


def _list_columns(rule: RowRule) -> tuple[str, ...]:
    match rule.kind:
        case "at-most":
            return rule.column, rule.of
        case "state":
            return rule.column, rule.date
        case "entries":
            return rule.column, *rule.others


def _check_choices(at: KeyPath, column: Column, texts: Iterable[str]) -> Iterator[Fault]:
    """Find texts that a column of choices never holds: what asks for one could not fail."""
    choices = {fold_text(choice) for choice in column.choices}
    for text in texts:
        if choices and fold_text(text) not in choices:
            yield unknown_name(at, _("choice in column {column}", column=column.name), text, column.choices)


def _check_annexes(
    reports: Mapping[str, ReportPlan], forms: Mapping[str, Form], indicators: Mapping[str, Indicator]
) -> Iterable[Fault]:
    """Find forms, columns and indicators of annexes that are not there."""
    for name, report in reports.items():
        for index, annex in enumerate(report.annexes):
            at = (name, "annexes", index)
            yield from _check_rows(at, annex, forms, [*annex.columns, *([annex.by] if annex.by else [])])
            for number, line in enumerate(annex.lines):
                here = (*at, "lines", number)
                yield from _check_rows(here, line, forms, [line.column] if line.column else [])
                if line.id is not None and line.id not in indicators:
                    yield unknown_name((*here, "id"), _("indicator"), line.id, indicators)


def _check_rows(
    at: KeyPath, chosen: AnnexTable | AnnexLine, forms: Mapping[str, Form], columns: Iterable[str]
) -> Iterable[Fault]:
    if chosen.form is None:
        return
    if chosen.form not in forms:
        yield unknown_name((*at, "form"), _("form"), chosen.form, forms)
        return
    known = [*forms[chosen.form].by_name, *OF_THE_UNIT]
    for column in (*columns, *chosen.where):
        if column not in known:
            yield unknown_name(at, _("column"), column, known)


def _check_ids(indicators: Mapping[str, Indicator]) -> Iterable[Fault]:
    """Find ids that nobody can print, and ids and old ids that stand for two things."""
    for key in indicators:
        if not (key.isascii() and key.replace("_", "a").isalnum() and key[0].isalpha()):
            yield Fault(
                (key,), _("an id is made of letters, digits and _ and begins with a letter"), "tthc_tong", key
            )
    owners: dict[str, str] = {}
    for key, indicator in indicators.items():
        for old in indicator.aliases:
            other = owners.setdefault(old, key)
            if old in indicators or other != key:
                named = old if old in indicators else other
                yield Fault(
                    (key, "aliases"), _("the old id {old} stands for {named} as well", old=old, named=named)
                )


def _list_made_of(key: str, indicators: Mapping[str, Indicator]) -> set[str]:
    """List the ids that an id is made of, and those that they are made of."""
    found: set[str] = set()
    waiting = [*indicators[key].made_of]
    while waiting:
        part = waiting.pop()
        if part not in found:
            found.add(part)
            waiting += indicators[part].made_of if part in indicators else ()
    return found


def _check_words(reports: Mapping[str, ReportPlan]) -> Iterable[Fault]:
    """Find braces that hold no word; which words there are is the period's to say."""
    for name, report in reports.items():
        texts: list[tuple[KeyPath, str]] = [((name, "title"), wording.text) for wording in report.title]
        texts += [((name, "copies", index), wording.text) for index, wording in enumerate(report.copies)]
        texts += [
            ((name, "sections", index, "heading"), wording.text)
            for index, section in enumerate(report.sections)
            for wording in section.heading
        ]
        texts += [
            ((name, "annexes", index, key), wording.text)
            for index, annex in enumerate(report.annexes)
            for key, wordings in (("title", annex.title), ("caption", annex.caption))
            for wording in wordings
        ]
        for at, text in texts:
            try:
                words = [
                    word for _text, word, _spec, _how in string.Formatter().parse(text) if word is not None
                ]
            except ValueError:
                yield Fault(at, _("a brace is not closed, or stands alone"), _("words such as {quy}"), text)
                continue
            if not all(word.isidentifier() for word in words):
                yield Fault(at, _("there are braces without a word"), _("words such as {quy}"), text)
