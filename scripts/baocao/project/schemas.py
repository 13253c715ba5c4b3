"""Data held against its model: every fault with file, line, key, what was expected and what stands there."""

from __future__ import annotations

import types
import typing
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from baocao.project.errors import ParamsError
from baocao.project.findings import Finding
from baocao.project.language import N_, _
from baocao.project.text import strip_diacritics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from baocao.project.located import KeyPath, LocatedData

_T = TypeVar("_T", bound=BaseModel)
_LISTED = 12
_TOLD = 20
_SHOWN = 60


class Fault(NamedTuple):
    """What is wrong at a key of a file."""

    at: KeyPath
    message: str
    expected: str = ""
    got: str = ""
    action: str = ""


def validate(located: LocatedData, model: type[_T], path: Path) -> _T:
    """
    Make a model of what a file holds.

    Raises
    ------
    ParamsError
        It is not what the model asks for; every fault is in ``findings``.
    """
    faults = list_faults(located, model)
    if faults:
        raise refuse(path, located, faults)
    return model.model_validate(located.data)


def list_faults(located: LocatedData, model: type[BaseModel], at: KeyPath = ()) -> list[Fault]:
    """
    List everything in a file that is not as a model asks.

    Parameters
    ----------
    at
        The part of the file that is one model; the whole of it by default.
    """
    data = located.data
    for part in at:
        data = data[part]
    try:
        model.model_validate(data)
    except ValidationError as error:
        return [_explain(item, located, model, at) for item in error.errors(include_url=False)]
    return []


def refuse(path: Path, located: LocatedData, faults: Sequence[Fault]) -> ParamsError:
    """Return the error that lists all faults of a file."""
    findings = [
        Finding(
            "params", "error", fault.message, cells=(located.where(fault.at),),
            expected=fault.expected, got=fault.got, action=fault.action,
        )
        for fault in faults
    ]  # fmt: skip
    lines = [f"{finding.cells[0]}: {_put_together(finding)}" for finding in findings[:_TOLD]]
    if len(findings) > _TOLD:
        lines.append(_("and {count} more", count=len(findings) - _TOLD))
    return ParamsError("\n".join(lines), path=path, findings=findings)


def _put_together(finding: Finding) -> str:
    said = finding.message
    if finding.expected:
        said += _("; expected {expected}, got {got}", expected=finding.expected, got=finding.got)
    return f"{said}. {finding.action}" if finding.action else f"{said}."


def unknown_name(at: KeyPath, what: str, name: str, names: Iterable[str]) -> Fault:
    """Return the fault of a name that is none of those there are."""
    message = _("there is no {what} {name}", what=what, name=repr(name))
    return Fault(at, message, _("one of {names}", names=name_near(name, names)), name or _("nothing"))


def name_near(name: str, names: Iterable[str]) -> str:
    """
    Return the names there are, the nearest first, as a message lists them; diacritics are no distance.

    Examples
    --------
    >>> name_near("kstthcc", ["cchc", "kstthc"]), name_near("sở", ["xa", "so"])
    ('kstthc, cchc', 'so, xa')
    """
    names = list(dict.fromkeys(str(one) for one in names))
    plain = {one: strip_diacritics(one) for one in names}
    alike = get_close_matches(strip_diacritics(str(name)), plain.values(), n=6, cutoff=0.6)
    near = sorted((one for one in names if plain[one] in alike), key=lambda one: alike.index(plain[one]))
    listed = [*near, *(one for one in names if one not in near)]
    more = len(listed) - _LISTED
    return (
        ", ".join(listed[:_LISTED]) + (_(" and {count} more", count=more) if more > 0 else "")
        if listed
        else _("none")
    )


def _explain(item: Mapping[str, Any], located: LocatedData, model: type[BaseModel], at: KeyPath) -> Fault:
    loc = at + _strip_tags(item["loc"], model)
    kind, context = item["type"], item.get("ctx", {})
    message = _("{key} is not what it must be", key=_spell(loc))
    expected, got, action = expected_of(item), located.texts.get(loc) or show(item["input"]), ""
    if kind == "missing":
        message, expected, got = (
            _("{key} is missing", key=_spell(loc)),
            _("the key {key}", key=repr(loc[-1])),
            _("none"),
        )
    elif kind == "extra_forbidden":
        message = _("nobody knows the key {key}", key=_spell(loc))
        names = [
            field.alias or name
            for one in _find_models(model, item["loc"][:-1])
            for name, field in one.model_fields.items()
        ]
        expected, got = _("one of {names}", names=name_near(str(loc[-1]), names)), str(loc[-1])
    elif kind in ("union_tag_invalid", "union_tag_not_found"):
        names = context.get("expected_tags", "").replace("'", "")
        message = _("{key} has no kind that is known", key=_spell(loc))
        expected, got = (
            _("one of {names}", names=names) if names else _("the key 'kind'"),
            context.get("tag", _("none")),
        )
    elif kind == "value_error":
        message, expected, got = _("{key}: {reason}", key=_spell(loc), reason=context["error"]), "", ""
    if kind == "string_type" and isinstance(item["input"], bool | int | float):
        action = _("Put it in quotes: YAML takes it for a number, or for yes or no.")
    elif kind == "string_type" and not isinstance(item["input"], list | dict | None):
        action = _("Put it in quotes: YAML takes it for a date.")
    return Fault(loc, message, expected, got, action)


def expected_of(item: Mapping[str, Any]) -> str:
    """Return what was expected where a model found something else, in the words of the reader; pydantic's are English."""
    kind, context = item["type"], item.get("ctx", {})
    if kind in _EXPECTED:
        return _(_EXPECTED[kind])
    if kind in _BOUNDS:
        word, name = _BOUNDS[kind]
        return _(word, bound=context[name])
    if kind in ("literal_error", "enum"):
        return _("one of {names}", names=context["expected"].replace("'", "").replace(" or ", ", "))
    if kind == "string_pattern_mismatch":
        return _("text of the form {pattern}", pattern=context["pattern"])
    if kind == "value_error":
        return str(context["error"])
    return _("something else ({kind})", kind=kind.replace("_", "-"))


_EXPECTED = {
    "missing": N_("a key that is missing"),
    "extra_forbidden": N_("no such key"),
    "json_invalid": N_("whole JSON"),
    "float_parsing": N_("a number"),
    "decimal_type": N_("a number"),
    "decimal_parsing": N_("a number"),
    "finite_number": N_("a number"),
    "string_type": N_("text"),
    "int_type": N_("a whole number"),
    "int_parsing": N_("a whole number"),
    "int_from_float": N_("a whole number"),
    "float_type": N_("a number"),
    "bool_type": N_("true or false"),
    "bool_parsing": N_("true or false"),
    "tuple_type": N_("a list"),
    "list_type": N_("a list"),
    "dict_type": N_("keys, each with its value"),
    "model_type": N_("keys, each with its value"),
    "model_attributes_type": N_("keys, each with its value"),
    "date_type": N_("a date such as 2026-03-20"),
    "date_parsing": N_("a date such as 2026-03-20"),
    "date_from_datetime_parsing": N_("a date such as 2026-03-20"),
    "date_from_datetime_inexact": N_("a date without a time, such as 2026-03-20"),
}
_BOUNDS = {
    "greater_than": (N_("more than {bound}"), "gt"),
    "greater_than_equal": (N_("at least {bound}"), "ge"),
    "less_than": (N_("less than {bound}"), "lt"),
    "less_than_equal": (N_("at most {bound}"), "le"),
    "too_short": (N_("at least {bound} of them"), "min_length"),
    "too_long": (N_("at most {bound} of them"), "max_length"),
    "string_too_short": (N_("text of at least {bound} characters"), "min_length"),
    "string_too_long": (N_("text of at most {bound} characters"), "max_length"),
}


def show(value: object) -> str:
    """
    Return how a value of a file is shown in a message.

    Examples
    --------
    >>> show(True), show(None), show([1, 2]), show("a" * 100)[-4:]
    ('yes or no (true)', 'nothing', 'a list of 2', 'aaa…')
    """
    if value is None:
        return _("nothing")
    if isinstance(value, bool):
        return _("yes or no ({value})", value=str(value).lower())
    if isinstance(value, dict):
        return _("keys ({names})", names=", ".join(str(key) for key in list(value)[:3]) or "-")
    if isinstance(value, list):
        return _("a list of {count}", count=len(value))
    if isinstance(value, int) and abs(value) >= 10**30:
        return _("a very large number")
    text = str(value)
    return text if len(text) < _SHOWN else f"{text[:_SHOWN]}…"


def _spell(loc: Sequence[str | int]) -> str:
    return ".".join(str(part) if isinstance(part, str) else f"[{part + 1}]" for part in loc) or _("the file")


def _strip_tags(loc: Sequence[str | int], model: type[BaseModel]) -> tuple[str | int, ...]:
    """Leave the kinds of models out of a location: they are no keys of the file."""
    kept: list[str | int] = []
    for at, part in enumerate(loc):
        models = _find_models(model, loc[:at])
        kinds = {kind for one in models for kind in _list_kinds(one)}
        if not (at and isinstance(loc[at - 1], int) and part in kinds):
            kept.append(part)
    return tuple(kept)


def _list_kinds(model: type[BaseModel]) -> tuple[object, ...]:
    return typing.get_args(model.model_fields["kind"].annotation) if "kind" in model.model_fields else ()


def _find_models(model: type[BaseModel], loc: Sequence[str | int]) -> list[type[BaseModel]]:
    """Return the models that may stand at a location."""
    models = [model]
    for part in loc:
        if isinstance(part, int):
            continue
        fields = [
            field for one in models for name, field in one.model_fields.items() if part in (name, field.alias)
        ]
        if fields:
            models = [found for field in fields for found in _list_models(field.annotation)]
        else:
            models = [one for one in models if part in _list_kinds(one)] or models
    return models


def _list_models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [found for one in typing.get_args(annotation) for found in _list_models(one)]
