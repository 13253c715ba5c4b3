"""The folder ``params/``: what is data and not code."""

from __future__ import annotations

import csv
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from baocao.project.errors import ParamsError, UsageError
from baocao.project.forms import Form
from baocao.project.house import House, find_house
from baocao.project.language import _
from baocao.project.models import Indicator, PeriodParams, Place, Unit
from baocao.project.reports import ReportSpec

if TYPE_CHECKING:
    from pathlib import Path

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_T = TypeVar("_T", bound=BaseModel)


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
            raise ParamsError(
                _("{path} is missing; write it after the README's example.", path=path), path=path
            ) from None
        try:
            return yaml.load(text, Loader=_LOADER) or {}  # noqa: S506 a safe loader, written in C where there is one
        except yaml.YAMLError as error:
            raise ParamsError(_("{path} is not YAML: {error}", path=path, error=error), path=path) from None

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
            raise ParamsError(
                _("{path} is missing; list the codes and names there.", path=path), path=path
            ) from None

    @cached_property
    def place(self) -> Place:
        """The place of the reports."""
        return self._model("place.yaml", Place, self._yaml("place.yaml"))

    @property
    def house(self) -> House:
        """Words, formats and folder names of the place's administration."""
        return find_house(self.place.house)

    @cached_property
    def units(self) -> dict[str, Unit]:
        """Reporting units by code, in the order of ``units.csv``."""
        units: dict[str, Unit] = {}
        for row in self._rows("units.csv"):
            unit = self._model("units.csv", Unit, row)
            if unit.code in units or unit.level not in self.place.levels:
                path = self.folder / "units.csv"
                raise ParamsError(
                    _(
                        "{path}: unit {code!r} stands there twice, or its level {level!r} is none of {levels}.",
                        path=path,
                        code=unit.code,
                        level=unit.level,
                        levels=", ".join(self.place.levels),
                    ),
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
            raise UsageError(
                _("no form {name!r}; there are {forms}.", name=name, forms=", ".join(self.forms))
            ) from None

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """Indicators by id."""
        return {
            str(key): self._model("indicators.yaml", Indicator, value)
            for key, value in self._yaml("indicators.yaml").items()
        }

    @cached_property
    def aliases(self) -> dict[str, str]:
        """Today's id for every id that an indicator had before."""
        return {old: key for key, indicator in self.indicators.items() for old in indicator.aliases}

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
            raise UsageError(
                _("no report {name!r}; there are {reports}.", name=name, reports=", ".join(self.reports))
            ) from None

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
            raise ParamsError(
                _(
                    "{path}: expected period {period}, got {period2!r}.",
                    path=path,
                    period=period,
                    period2=params.period,
                ),
                path=path,
            )
        return params
