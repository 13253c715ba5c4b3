"""The same number of an earlier period: made as today's was, from the submissions of then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from baocao.project.errors import ValueUseError
from baocao.project.language import _
from baocao.project.text import fold_text
from baocao.values.criteria import Among, Basis, Earlier
from baocao.values.remaking import combine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baocao.project.forms import Form, FormIndicator
    from baocao.project.params import Params
    from baocao.values.criteria import Against
    from baocao.values.remaking import ChosenRows
    from baocao.values.value import Value


def make_earlier(value: Value, choices: ChosenRows, against: Against) -> Value | None:
    """
    Make a value again from the submissions of an earlier period.

    Parameters
    ----------
    choices
        Of the period that ``value`` belongs to.

    Returns
    -------
    Value or None
        Named ``<id>__<against>``, as all named values it is made of; None
        where the earlier period did not collect what it takes.

    Raises
    ------
    ValueUseError
        Nobody can make it again: an opaque step, or a row chosen by its place.
    """
    made: dict[int, Value] = {}
    for one in value.walk():
        if one.parents and one.op != "opaque":
            again = combine(one.op, [made[id(parent)] for parent in one.parents])
        elif isinstance(one.basis, Basis) and one.op != "opaque":
            basis = replace(one.basis, criteria=(Earlier(against), *one.basis.criteria))
            if choices.rows(replace(basis, criteria=basis.criteria[:1], column=None)) is None:
                return None
            again = choices.read(one.op, basis, one.unit)
        else:
            again = None
        if again is None:
            raise ValueUseError(
                _(
                    "{id} cannot be made again from the submissions of an earlier period: {step}.",
                    id=value.id,
                    step=one.basis or one.op,
                )
            )
        made[id(one)] = replace(again, unit=one.unit, name=f"{one.name}__{against}" if one.name else None)
    return made[id(value)]


def require_comparable(value: Value, params: Params, against: Against) -> None:
    """
    Refuse what does not grow or fall from one period to another.

    A sum that only ever grows says nothing beside its own past; one that
    begins anew with the year can be held against the same period a year
    before and no other.

    Raises
    ------
    ValueUseError
        The value counts something cumulative, is a part over a whole, or reads
        what ``params/forms.yaml`` does not say how to take over periods.
    """
    if value.op in ("over", "change"):
        raise ValueUseError(
            _("{id} is no number that rises or falls: compare the share, or the counts.", id=value.id)
        )
    for form, name, cumulative, declared in _list_sources(value, params):
        if not declared:
            raise ValueUseError(
                _(
                    "params/forms.yaml: form {form} does not say how {name} is taken over several periods, so {id} cannot be compared; write over: flow, first, last … there.",
                    form=form,
                    name=name,
                    id=value.id,
                )
            )
        if cumulative == "ever" or (cumulative == "year" and against == "last_period"):
            raise ValueUseError(
                _(
                    "{id} counts {name} of form {form}, which is cumulative: it can only grow, and by how much says nothing. Compare what came in during the period.",
                    id=value.id,
                    name=name,
                    form=form,
                )
            )


def _list_sources(value: Value, params: Params) -> Iterator[tuple[str, str, str | None, bool]]:
    """Yield form and name of what a value reads, how it is cumulative, and whether it says how it is taken."""
    for one in value.walk():
        if not isinstance(one.basis, Basis):
            continue
        form = params.form(one.basis.form)
        if form.indicators:
            for item in _list_indicators(form, one.basis):
                yield form.name, item.code, item.cumulative, item.taken is not None
        elif one.basis.column is None or form.column(one.basis.column).type not in ("count", "number"):
            yield form.name, form.name, None, form.over is not None
        else:
            column = form.column(one.basis.column)
            declared = form.over is not None and (form.over != "each" or column.taken is not None)
            yield form.name, column.name, column.cumulative, declared


def _list_indicators(form: Form, basis: Basis) -> Iterator[FormIndicator]:
    """Yield the indicators that a basis chooses; all of them where it chooses none."""
    key = next(column.name for column in form.columns if column.key)
    chosen = [
        {fold_text(text) for text in criterion.texts}
        for criterion in basis.criteria
        if isinstance(criterion, Among) and criterion.column == key
    ]
    for item in form.indicators:
        if all(fold_text(item.code) in texts for texts in chosen):
            yield item
