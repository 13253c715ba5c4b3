"""What ``params/identities.yaml`` holds: relations between numbers, and rules for registers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from baocao.project.findings import Severity
from baocao.project.language import N_, Language, OwnWords, _
from baocao.project.schemas import Fault, unknown_name
from baocao.project.text import fold_text

if TYPE_CHECKING:
    from baocao.project.located import KeyPath
    from baocao.project.params import Params

FILE = "identities.yaml"


def _listed(data: object) -> object:
    return (data,) if isinstance(data, str) else data


Ids = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1)]


#: A sentence in the language of the house, or by language.
Words = str | dict[Language, str]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class _Relation(_Model):
    name: str
    says: Words = ""
    severity: Severity = "warning"


class Sum(_Relation):
    """``whole`` is the sum of ``parts``."""

    kind: Literal["sum"]
    whole: Ids
    parts: Ids


class AtMost(_Relation):
    """The sum of ``parts`` does not exceed ``whole``."""

    kind: Literal["at-most"]
    whole: Ids
    parts: Ids


class Equal(_Relation):
    """Two ids have one number."""

    kind: Literal["equal"]
    ids: Annotated[tuple[str, ...], Field(min_length=2, max_length=2)]


class Flow(_Relation):
    """What was carried over and received is what was resolved and is pending."""

    kind: Literal["flow"]
    into: Annotated[Ids, Field(alias="in")]
    out: Ids


class Share(_Relation):
    """
    ``stated``, in per cent, is ``part`` over ``whole``; a stated 100% must be exact.

    Without a ``whole``, ``stated`` is ``part``. With ``only_full`` nothing but
    a stated 100% is looked at.
    """

    kind: Literal["share"]
    stated: str
    part: Ids
    whole: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    decimals: Annotated[int, Field(ge=0, le=9)] = 2
    only_full: bool = False


class Complement(_Relation):
    """Shares that add to 100, each exact to ``tolerance`` percentage points."""

    kind: Literal["complement"]
    parts: Ids
    tolerance: Annotated[Fraction, Field(ge=0, le=1)] = Fraction(0)


class Listed(_Relation):
    """A count is the number of entries of a register that hold ``where``."""

    kind: Literal["list"]
    id: str
    form: str
    where: dict[str, str] = Field(default_factory=dict)


Relation = Annotated[Sum | AtMost | Equal | Flow | Share | Complement | Listed, Field(discriminator="kind")]


class Rule(_Model):
    """What must hold between entries of a register; each column is named as in ``params/forms.yaml``."""

    name: str
    says: Words = ""
    kind: Literal["order", "window", "until", "before", "symbol", "year", "plan-year"]
    form: str
    date: str = ""
    other: str = ""
    symbol: str = ""
    issuer: str = ""
    type: str = ""
    letters: str = ""
    subject: str = ""
    where: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _complete(self) -> Rule:
        missing = [name for name in _NEEDED[self.kind] if not getattr(self, name)]
        if missing:
            raise ValueError(
                _(
                    "rule {name!r} of kind {kind!r} needs {missing}",
                    name=self.name,
                    kind=self.kind,
                    missing=", ".join(missing),
                )
            )
        return self


_NEEDED = {
    "order": ("symbol", "date"),
    "window": ("date",),
    "until": ("date",),
    "before": ("date", "other"),
    "symbol": ("symbol",),
    "year": ("symbol", "date"),
    "plan-year": ("date", "type", "subject"),
}


class Identities(_Model):
    """The whole of ``params/identities.yaml``."""

    stated: str = ""
    relations: tuple[Relation, ...] = ()
    registers: tuple[Rule, ...] = ()
    types: dict[str, str] = Field(default_factory=dict)
    letter: str = ""
    not_letter: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_name_each(self) -> Identities:
        names = [item.name for item in (*self.relations, *self.registers)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"named twice: {', '.join(twice)}")
        return self


#: What the number of entries that a ``list`` compares with begins with.
LIST = "list:"


def list_id(relation: Listed) -> str:
    """Name the number of entries that a ``list`` compares with."""
    return f"{LIST}{relation.name}"


def list_sides(relation: Relation) -> tuple[Ids, Ids]:
    """Return the ids on either side of a relation."""
    match relation:
        case Sum() | AtMost():
            return relation.whole, relation.parts
        case Equal():
            return relation.ids[:1], relation.ids[1:]
        case Flow():
            return relation.into, relation.out
        case Share():
            return (relation.stated,), (*relation.part, *relation.whole)
        case Complement():
            return relation.parts, ()
        case Listed():
            return (relation.id,), (list_id(relation),)


# -- in words ---------------------------------------------------------------------


def say(told: Relation | Rule, language: str) -> str:
    """
    Return what must hold in words: those of the file where it has some in the reader's language, else the program's.

    Parameters
    ----------
    language
        Of the house, in which the file is written where it names none.

    Examples
    --------
    >>> rule = Sum(kind="sum", name="tong", says="Tổng bằng các phần.", whole="a", parts=("b", "c"))
    >>> say(rule, "vi")  # told in English
    'a must be the sum of b, c'
    >>> rule = Sum(kind="sum", name="tong", says={"en": "A total is its parts."}, whole="a", parts=("b", "c"))
    >>> say(rule, "vi")
    'A total is its parts'
    """
    texts = {language: told.says} if isinstance(told.says, str) else told.says
    return OwnWords({name: text.rstrip(".") for name, text in texts.items() if text}, _describe(told))


def _describe(told: Relation | Rule) -> str:
    match told:
        case Sum():
            return _("{whole} must be the sum of {parts}", whole=told.whole, parts=told.parts)
        case AtMost():
            return _("{parts} must not exceed {whole}", whole=told.whole, parts=told.parts)
        case Equal():
            return _("{first} and {second} must be one number", first=told.ids[0], second=told.ids[1])
        case Flow():
            return _(
                "what came in ({into}) must be what went out and what is left ({out})",
                into=told.into,
                out=told.out,
            )
        case Share():
            whole = (
                _("{part} over {whole}", part=told.part, whole=told.whole)
                if told.whole
                else ", ".join(told.part)
            )
            return _("{stated} must be {part}", stated=told.stated, part=whole)
        case Complement():
            return _("{parts} must add up to 100%", parts=told.parts)
        case Listed():
            return _("{id} must be the number of entries listed in {form}", id=told.id, form=told.form)
        case Rule(kind="symbol", type=""):
            return _("the symbol ({symbol}) must be one, with the letters of its kind", symbol=told.symbol)
        case Rule():
            return _(_RULES[told.kind], date=told.date, other=told.other, symbol=told.symbol, type=told.type)


_RULES = {
    "order": N_("a document with a later number ({symbol}) must not have an earlier date ({date})"),
    "window": N_("the date ({date}) must lie in the period"),
    "until": N_("the date ({date}) must not be later than the end of the period"),
    "before": N_("{date} must not be later than {other}"),
    "symbol": N_("the letters of the symbol ({symbol}) must be those of the type ({type})"),
    "year": N_("the year in the symbol ({symbol}) must be that of the date ({date})"),
    "plan-year": N_("a plan must be dated in the year it is for, or in the year before ({date})"),
}


# -- reading it -------------------------------------------------------------------


def read_identities(params: Params) -> Identities:
    """
    Read ``params/identities.yaml``.

    Raises
    ------
    ParamsError
        It is missing, a relation is not well formed, or names what is not there.
    """
    return params.read(FILE, Identities, lambda read: _check_names(read, params))


def _check_names(identities: Identities, params: Params) -> Iterator[Fault]:
    """Find ids, forms, columns and choices that no file knows."""
    ids = {*params.indicators, *params.aliases}
    ids |= {indicator.code for form in params.forms.values() for indicator in form.indicators}
    for index, relation in enumerate(identities.relations):
        at = ("relations", index)
        for key in dict.fromkeys(key for side in list_sides(relation) for key in side):
            if not key.startswith(LIST) and not {key, key.partition("__")[0]} & ids:
                yield unknown_name(at, _("id"), key, ids)
        if isinstance(relation, Listed):
            yield from _check_form(at, relation.form, (), relation.where, params)
    for index, rule in enumerate(identities.registers):
        columns = (rule.date, rule.other, rule.symbol, rule.issuer, rule.type, rule.subject)
        yield from _check_form(("registers", index), rule.form, columns, rule.where, params)


def _check_form(
    at: KeyPath, name: str, columns: Iterable[str], where: Mapping[str, str], params: Params
) -> Iterator[Fault]:
    if name not in params.forms:
        yield unknown_name((*at, "form"), _("form"), name, params.forms)
        return
    form = params.forms[name]
    for column in (*columns, *where):
        if column and column not in form.by_name:
            yield unknown_name(at, _("column in form {form}", form=name), column, form.by_name)
    for column, text in where.items():
        choices = form.by_name[column].choices if column in form.by_name else ()
        if choices and fold_text(text) not in map(fold_text, choices):
            yield unknown_name((*at, "where"), _("choice in column {column}", column=column), text, choices)
