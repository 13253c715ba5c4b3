"""What is data and not code: the place, its units, the forms, the indicators, the reports, the period."""

from __future__ import annotations

import csv
import unicodedata
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from baocao.project.errors import ParamsError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

Level = str
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_T = TypeVar("_T", bound=BaseModel)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LevelWords(_Model):
    """How a level of units is called: ``label`` in running text, ``name`` in a table."""

    label: str
    name: str


class Place(_Model):
    """The place the reports are written for (``params/place.yaml``)."""

    code: str
    name: str
    short: str
    kind: str
    issuer: tuple[str, ...]
    levels: dict[Level, LevelWords]
    names: tuple[str, ...] = ()


class Unit(_Model):
    """A reporting office: ``level`` is a key of :attr:`Place.levels`."""

    code: str
    name: str
    type: str
    level: Level


class NumberFormat(_Model):
    """How a number is printed; see ``params/indicators.yaml``."""

    pad: int = 2
    decimals: int | None = None
    trim: bool = False
    over: bool = False


class Indicator(_Model):
    """What an id means: its label, its unit and how it is printed."""

    label: str
    unit: str
    print: NumberFormat = NumberFormat()
    definition: str = ""


class Column(_Model):
    """One column of a form."""

    name: str
    column: str
    label: str
    type: Literal["text", "count", "number", "date", "choice"]
    number: int | None = None
    choices: tuple[str, ...] = ()
    unit: str | None = None
    blank: bool = False
    key: bool = False


class FormIndicator(_Model):
    """One indicator that an ``indicators`` form asks for."""

    code: str
    label: str
    unit: str
    levels: tuple[Level, ...] = ()


class SumRule(_Model):
    """Within a row, column ``of`` is the sum of the columns ``parts``."""

    of: str
    parts: tuple[str, ...]


class TotalRow(_Model):
    """How the totals row is recognised: the text of one column."""

    column: str
    text: str


class Header(_Model):
    """Cells of a form's header; None where the form has none."""

    period: str
    window: str | None = None
    unit_name: str | None = None
    unit_code: str | None = None


class Carried(_Model):
    """Column ``this`` equals column ``previous`` of the period before."""

    this: str
    previous: str


class Form(_Model):
    """The layout that a submission must follow (``params/forms.yaml``)."""

    name: str
    title: str
    source: str
    sheet: str
    kind: Literal["table", "indicators", "register"]
    header: Header
    first_row: int
    columns: tuple[Column, ...]
    levels: tuple[Level, ...] = ()
    label_row: int | None = None
    label_rows: tuple[int, ...] = ()
    number_row: int | None = None
    total: TotalRow | None = None
    unit: str | None = None
    sums: tuple[SumRule, ...] = ()
    carried: Carried | None = None
    indicators: tuple[FormIndicator, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by name."""
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> Column:
        """
        Find a column by name.

        Raises
        ------
        UsageError
            The form has no such column; the message lists those it has.
        """
        try:
            return self.by_name[name]
        except KeyError:
            known = ", ".join(self.by_name)
            raise UsageError(f"form {self.name!r} has no column {name!r}; it has {known}.") from None


# Notebooks that several reports use lie in notebooks/chung/.
SHARED = "chung"


class PointSpec(_Model):
    """One notebook of a section, and the Markdown line that stands above what it writes; None for no line."""

    notebook: str
    heading: str | None = None


class SectionSpec(_Model):
    """
    One heading of a report, and the notebooks that write what stands below it.

    Parameters
    ----------
    notebook
        The section's own notebook, ``07-ho-so``; None where there is none.
    points
        Notebooks that follow it; ``chung/…`` is one that several reports share.
    """

    key: str
    heading: str
    notebook: str | None = None
    points: tuple[PointSpec, ...] = ()

    @property
    def parts(self) -> tuple[PointSpec, ...]:
        """Every notebook of the section, in order."""
        own = (PointSpec(notebook=self.notebook),) if self.notebook else ()
        return own + self.points


class ReportSpec(_Model):
    """One report: its words, its addressee and the order of its sections."""

    name: str
    title: str
    recipient: tuple[str, ...]
    copies: tuple[str, ...]
    signature: tuple[str, ...]
    symbol: str = "BC"
    sections: tuple[SectionSpec, ...]

    @property
    def notebooks(self) -> tuple[str, ...]:
        """Folder and name of every notebook, ``kstthc/07-ho-so``, in order, each once."""
        names = [self.locate(point.notebook) for section in self.sections for point in section.parts]
        return tuple(dict.fromkeys(names))

    def locate(self, notebook: str) -> str:
        """
        Say where a notebook of the report lies below ``notebooks/``.

        Examples
        --------
        >>> spec = ReportSpec(name="cchc", title="", recipient=(), copies=(), signature=(), sections=())
        >>> spec.locate("01-chi-dao"), spec.locate("chung/so-hoa")
        ('cchc/01-chi-dao', 'chung/so-hoa')
        """
        return notebook if notebook.startswith(f"{SHARED}/") else f"{self.name}/{notebook}"


class Treatment(_Model):
    """
    What to do with the unusable submission of one unit.

    ``exclude`` leaves the unit out, ``zero`` reads blank and "-" as 0,
    ``previous`` takes the figures of the period before, ``use`` names which
    of several files counts. ``why`` is printed in the report.
    """

    action: Literal["exclude", "zero", "previous", "use"]
    why: str
    file: str | None = None


class PeriodParams(_Model):
    """What holds for one period only (``params/<period>.yaml``)."""

    period: str
    signer: str = ""
    number: dict[str, str] = Field(default_factory=dict)
    issued_on: dict[str, date] = Field(default_factory=dict)
    drafter: dict[str, str] = Field(default_factory=dict)
    treatments: dict[str, Treatment] = Field(default_factory=dict)
    names: tuple[str, ...] = ()


def fold_text(text: str) -> str:
    """
    Bring a label to the form in which labels are compared: NFC, single spaces, lower case.

    Diacritics stay: ``Cẩm Giang`` and ``Cẩm Giàng`` are two communes.

    Examples
    --------
    >>> fold_text("  Tổng   SỐ ")
    'tổng số'
    """
    return " ".join(unicodedata.normalize("NFC", text).split()).casefold()


def _explain(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()
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
        A file is missing, is not YAML, or holds a key nobody knows.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _yaml(self, name: str) -> Any:
        path = self.folder / name
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise ParamsError(f"{path} is missing; write it after the README's example.", path=path) from None
        try:
            return yaml.load(text, Loader=_LOADER) or {}  # noqa: S506 a safe loader, written in C where there is one
        except yaml.YAMLError as error:
            raise ParamsError(f"{path} is not YAML: {error}", path=path) from None

    def _model(self, name: str, model: type[_T], data: Any) -> _T:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            path = self.folder / name
            raise ParamsError(f"{path}: {_explain(error)}", path=path) from None

    def read(self, name: str, model: type[_T]) -> _T:
        """
        Read a further file of the folder into a model of another module.

        Raises
        ------
        ParamsError
            The file is missing, is no YAML, or is not what the model asks for.
        """
        return self._model(name, model, self._yaml(name))

    def _rows(self, name: str) -> list[dict[str, str]]:
        path = self.folder / name
        try:
            with path.open(encoding="utf-8-sig", newline="") as handle:
                return list(csv.DictReader(handle))
        except FileNotFoundError:
            raise ParamsError(f"{path} is missing; list the codes and names there.", path=path) from None

    @cached_property
    def place(self) -> Place:
        """The place of the reports."""
        return self._model("place.yaml", Place, self._yaml("place.yaml"))

    @cached_property
    def units(self) -> dict[str, Unit]:
        """Reporting units by code, in the order of ``units.csv``."""
        units: dict[str, Unit] = {}
        for row in self._rows("units.csv"):
            unit = self._model("units.csv", Unit, row)
            if unit.code in units or unit.level not in self.place.levels:
                path = self.folder / "units.csv"
                raise ParamsError(
                    f"{path}: unit {unit.code!r} stands there twice, or its level {unit.level!r} is "
                    f"none of {', '.join(self.place.levels)}.",
                    path=path,
                )
            units[unit.code] = unit
        return units

    @cached_property
    def offices(self) -> dict[str, str]:
        """Names of the city offices that keep registers, by code."""
        return {row["code"]: row["name"] for row in self._rows("offices.csv")}

    @cached_property
    def forms(self) -> dict[str, Form]:
        """Forms by name."""
        data = self._yaml("forms.yaml")
        return {
            str(name): self._model("forms.yaml", Form, {"name": str(name), **form})
            for name, form in data.get("forms", {}).items()
        }

    def form(self, name: str) -> Form:
        """
        Find a form by name.

        Raises
        ------
        UsageError
            There is none; the message lists those there are.
        """
        try:
            return self.forms[name]
        except KeyError:
            raise UsageError(f"no form {name!r}; there are {', '.join(self.forms)}.") from None

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """Indicators by id."""
        return {
            str(key): self._model("indicators.yaml", Indicator, value)
            for key, value in self._yaml("indicators.yaml").items()
        }

    @cached_property
    def reports(self) -> dict[str, ReportSpec]:
        """Reports by name, in the order they are built."""
        return {
            str(name): self._model("reports.yaml", ReportSpec, {"name": str(name), **report})
            for name, report in self._yaml("reports.yaml").items()
        }

    def report(self, name: str) -> ReportSpec:
        """
        Find a report by name.

        Raises
        ------
        UsageError
            There is none; the message lists those there are.
        """
        try:
            return self.reports[name]
        except KeyError:
            raise UsageError(f"no report {name!r}; there are {', '.join(self.reports)}.") from None

    def period(self, period: object) -> PeriodParams:
        """
        Read the parameters of one period.

        Raises
        ------
        ParamsError
            ``params/<period>.yaml`` is missing, or speaks of another period.
        """
        name = f"{period}.yaml"
        params = self._model(name, PeriodParams, self._yaml(name))
        if params.period != str(period):
            path = self.folder / name
            raise ParamsError(f"{path}: expected period {period}, got {params.period!r}.", path=path)
        return params
