"""Whose submission a workbook is: told by what is in it, and by its name only where that says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baocao.project.cells import split_address
from baocao.project.language import _
from baocao.project.periods import find_period
from baocao.project.succession import find_heirs
from baocao.project.text import fold_text
from baocao.reading.forms.folder import owner_of
from baocao.reading.forms.layout import check_labels, code_of
from baocao.reading.forms.submission import find_sheet
from baocao.reading.forms.submissions import name_units

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from baocao.project.forms import Form
    from baocao.project.models import Unit
    from baocao.project.params import Params
    from baocao.project.periods import Period
    from baocao.reading.workbooks import Sheet, Workbook


@dataclass(frozen=True)
class Owner:
    """
    Who a workbook comes from.

    Parameters
    ----------
    source
        ``don-vi/10507``, ``van-phong/so-noi-vu``, ``van-ban``: as forms name their sources.
    code
        Of the unit or office; for the register of documents its name.
    level
        Of the unit; None for others.
    forms
        Those it answers.
    doubt
        What does not fit, in a sentence; empty where all does.
    """

    source: str
    code: str
    level: str | None
    forms: tuple[Form, ...]
    doubt: str = ""


@dataclass(frozen=True)
class Stranger:
    """A workbook that nobody could have sent for this period, and why."""

    reason: str


def recognise(book: Workbook, name: str, params: Params, period: Period) -> Owner | Stranger:
    """
    Return whose a workbook is.

    Parameters
    ----------
    name
        The file's name as it came.

    Returns
    -------
    Owner or Stranger
        A workbook whose head names another period is a stranger here.
    """
    folders = params.house.folders
    by_source: dict[str, list[Form]] = {}
    for form in params.forms.values():
        by_source.setdefault(params.source_of(form, period), []).append(form)
    held = {source: _held(book, forms) for source, forms in by_source.items()}
    held = {source: sheets for source, sheets in held.items() if sheets}
    if not held:
        sheets = ", ".join(sheet.name for sheet in book.sheets) or "-"
        return Stranger(_("none of its sheets is a form of this project; it has {sheets}", sheets=sheets))
    other = _other_period(held, params, period)
    if other is not None:
        return Stranger(_("it is for {got}, not for {expected}", got=other, expected=period))
    codes = {_code(form, sheet) for sheets in held.values() for form, sheet in sheets} - {""}
    units = params.units_of(period)
    candidates = _candidates(held, codes, name, params, units)
    if len(candidates) == 1:
        source, code = candidates[0]
        unit = units.get(code) if source.startswith(f"{folders.units}/") else None
        other_unit = _find_named(held[folders.units], units) if unit else None
        if other_unit not in (None, code):
            # Whoever types another's code must not take the place of what the other has sent.
            return Stranger(
                _("its head has the code {code} and the name of {other}", code=code, other=other_unit)
            )
        forms = by_source[folders.units if unit else source]
        mine = tuple(f for f in forms if unit is None or not f.levels or unit.level in f.levels)
        named = owner_of(name, [*params.units, *params.offices])
        doubt = ""
        if named is not None and named != code and source != folders.register:
            doubt = _("its name says {name}, its head says {head}", name=named, head=code)
        return Owner(source, code, unit.level if unit else None, mine, doubt)
    if candidates:
        listed = ", ".join(source for source, _code_ in candidates)
        return Stranger(_("it could be of any of these: {sources}", sources=listed))
    present = sorted(code for code in codes if code in units)
    if len(present) > 1:
        return Stranger(_("the heads of its sheets name more than one: {codes}", codes=", ".join(present)))
    ended = next((code for code in params.units if code in codes and code not in units), None)
    if ended is not None:
        heirs = find_heirs(ended, params.all_units, period.end)
        return Stranger(
            _("{unit} does not report for {period}; {heirs} reports", unit=ended, period=period, heirs=heirs)
            if heirs
            else _("{unit} does not report for {period}", unit=ended, period=period)
        )
    said = ", ".join(sorted(codes)) or _("no code")
    return Stranger(_("its head names nobody who reports here ({said})", said=said))


def _held(book: Workbook, forms: Iterable[Form]) -> list[tuple[Form, Sheet]]:
    found = [(form, sheet) for form in forms if (sheet := find_sheet(book, form.sheet)) is not None]
    fitting = [(form, sheet) for form, sheet in found if not check_labels(form, sheet)]
    return fitting or found


def _code(form: Form, sheet: Sheet) -> str:
    if not form.header.unit_code:
        return ""
    return code_of(sheet.shown(*split_address(form.header.unit_code)))


def _other_period(held: dict[str, list[tuple[Form, Sheet]]], params: Params, period: Period) -> str | None:
    """Return the period that every sheet names, where it is not this one."""
    named = set()
    for sheets in held.values():
        for form, sheet in sheets:
            cell = sheet.shown(*split_address(form.header.period))
            text = str(cell.value) if cell is not None and cell.kind == "text" else ""
            found = find_period(text, params.house.periods)
            if found is not None:
                named.add(found)
    return None if not named or period in named else ", ".join(map(str, sorted(named)))


def _candidates(
    held: dict[str, list[tuple[Form, Sheet]]],
    codes: set[str],
    name: str,
    params: Params,
    present: Mapping[str, Unit],
) -> list[tuple[str, str]]:
    folders = params.house.folders
    folded = {code.casefold() for code in codes}
    units = [code for code in present if code.casefold() in folded]
    offices = [code for code in params.offices if code.casefold() in folded]
    if folders.units in held and len(units) == 1:
        return [(f"{folders.units}/{units[0]}", units[0])]
    if not units and len(offices) == 1 and f"{folders.offices}/{offices[0]}" in held:
        return [(f"{folders.offices}/{offices[0]}", offices[0])]
    # The head says nothing that helps: the unit's name in it, then the file's own name, then the only form it can be.
    if folders.units in held and not codes:
        chosen = _find_named(held[folders.units], present) or owner_of(name, present)
        if chosen:
            return [(f"{folders.units}/{chosen}", chosen)]
    others = [source for source in held if source != folders.units]
    if folders.register in others and not codes:
        return [(folders.register, folders.register)]
    named_office = owner_of(name, params.offices)
    if named_office and f"{folders.offices}/{named_office}" in others and not codes:
        return [(f"{folders.offices}/{named_office}", named_office)]
    if not codes:
        return [(source, source.rpartition("/")[2]) for source in others]
    return []


def _find_named(sheets: list[tuple[Form, Sheet]], present: Mapping[str, Unit]) -> str | None:
    """Return the one unit whose name stands in the heads; None where there is none, or more than one."""
    codes = name_units(present.values())
    texts = {fold_text(text) for form, sheet in sheets if (text := _name(form, sheet))}
    named = {codes[text] for text in texts if text in codes}
    return named.pop() if len(named) == 1 else None


def _name(form: Form, sheet: Sheet) -> str:
    if not form.header.unit_name:
        return ""
    cell = sheet.shown(*split_address(form.header.unit_name))
    return str(cell.value) if cell is not None and cell.kind == "text" else ""
