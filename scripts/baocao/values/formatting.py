"""Values in words: rounding, thousands, per cent, padding, as the house writes them."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING

from baocao.project.errors import UsageError
from baocao.project.language import _
from baocao.project.models import NumberFormat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baocao.project.house import Numbers
    from baocao.project.models import Indicator
    from baocao.values.value import Value

_SPEC = re.compile(r"^(?:\.(?P<decimals>\d+))?(?P<trim>~)?(?P<percent>%)?$|^0(?P<pad>\d)$")


def round_half_up(number: Fraction, decimals: int) -> Decimal:
    """
    Round once, from the exact fraction, halves away from zero.

    Examples
    --------
    >>> round_half_up(Fraction(98585, 1000), 2), round_half_up(Fraction(-5, 2), 0)
    (Decimal('98.59'), Decimal('-3'))
    """
    scaled = abs(number) * 10**decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    with localcontext() as context:
        context.prec = max(28, len(str(whole)) + decimals + 2)
        rounded = Decimal(whole).scaleb(-decimals)
        return -rounded if number < 0 and whole else rounded


def format_number(number: Fraction, form: NumberFormat, numbers: Numbers, *, percent: bool = False) -> str:
    """
    Write a number as a reader sees it.

    Parameters
    ----------
    number
        Exact; a share is given in per cent.
    form
        How many digits and decimals; ``decimals=None`` writes whole numbers
        whole and others with the decimals they have, two at most.
    numbers
        The marks and the padding of the house.

    Examples
    --------
    >>> from baocao.project.house import Numbers
    >>> house = Numbers(group=".", point=",", pad=2)
    >>> format_number(Fraction(142186), NumberFormat(), house), format_number(Fraction(7), NumberFormat(), house)
    ('142.186', '07')
    >>> format_number(Fraction(9715, 100), NumberFormat(decimals=2), house, percent=True)
    '97,15%'
    >>> format_number(Fraction(100), NumberFormat(decimals=2), house, percent=True)
    '100%'
    >>> format_number(Fraction(850238, 100), NumberFormat(decimals=3), Numbers(group=",", point="."))
    '8,502.380'
    """
    if form.decimals is None:
        rounded = round_half_up(number, 0 if number.denominator == 1 else 2)
        trim = True
    else:
        rounded = round_half_up(number, form.decimals)
        trim = form.trim
    # A whole share is written whole; one that only rounds to a whole (99,996) is not.
    if trim or (percent and number.denominator == 1):
        with localcontext() as context:
            context.prec = 60
            rounded = rounded.normalize()
    places = max(0, -int(rounded.as_tuple().exponent))
    text = numbers.punctuate(f"{rounded:,.{places}f}")
    pad = numbers.pad if form.pad is None else form.pad
    if not places and form.decimals is None and 0 < rounded < 10 ** (pad - 1):
        text = text.zfill(pad)
    return text + ("%" if percent else "")


def parse_format(spec: str) -> NumberFormat | None:
    """
    Read what stands behind the colon in a notebook's text: ``.2%``, ``.1~%``, ``.3``, ``01``.

    Returns
    -------
    NumberFormat or None
        None where nothing stands there, so that the indicator decides.

    Raises
    ------
    UsageError
        Nothing of the kind.

    Examples
    --------
    >>> parse_format(".2%").decimals, parse_format("01").pad, parse_format("") is None
    (2, 1, True)
    """
    if not spec:
        return None
    match = _SPEC.match(spec)
    if match is None:
        raise UsageError(
            _("expected a format such as .2%, .1~%, .3 or 01 behind the colon, got {spec!r}.", spec=spec)
        )
    if match["pad"]:
        return NumberFormat(pad=int(match["pad"]))
    decimals = int(match["decimals"]) if match["decimals"] else 0
    return NumberFormat(decimals=decimals, trim=bool(match["trim"]))


def format_value(value: Value, indicators: Mapping[str, Indicator], numbers: Numbers, spec: str = "") -> str:
    """
    Write a value as a reader sees it, by its indicator's rule.

    Parameters
    ----------
    value
        Any value; one whose base is 0 is written in words, :attr:`Numbers.undefined`;
        a change is written with its direction, ``tăng 12,3%``.
    indicators
        Indicators by id; an id that is not there is printed by its unit: a
        share with two decimals, anything else as a padded count.
    numbers
        The marks and words of the house.
    spec
        Overrides the indicator, see :func:`parse_format`.
    """
    if value.op == "change":
        return _format_change(value, indicators, numbers, spec)
    if value.number is None:
        # Nothing of nothing did not occur; something of nothing did, and has no share.
        shared = value.op == "ratio" and bool(value.parents) and bool(value.parents[0].number)
        return numbers.without_base if shared else numbers.undefined
    indicator = indicators.get(value.id)
    if indicator is None and "__" in value.id:
        # A part of a value is printed as the whole: 3,042.50 beside 6,078.00.
        indicator = indicators.get(value.id.rpartition("__")[0])
    form = parse_format(spec) or (indicator.print if indicator else None)
    percent = value.unit == "%"
    if form is None:
        form = NumberFormat(decimals=2) if percent else NumberFormat()
    if value.op == "over" and not spec:
        part, whole = value.parents
        return f"{_part(part, form, numbers)}/{_part(whole, form, numbers)}"
    return format_number(value.number, form, numbers, percent=percent)


_MOST_DECIMALS = 6


def _format_change(value: Value, indicators: Mapping[str, Indicator], numbers: Numbers, spec: str) -> str:
    """Write a change with its direction; what is small is not written as nothing."""
    words = numbers.changes
    if value.number is None:
        before = value.parents[1] if len(value.parents) > 1 else None
        return words.from_nothing if before is not None and before.number == 0 else words.unknown
    if value.number == 0:
        return words.same
    indicator = indicators.get(value.id)
    form = parse_format(spec) or (indicator.print if indicator else None) or NumberFormat(decimals=1)
    size = abs(value.number)
    decimals = form.decimals or 0
    while round_half_up(size, decimals) == 0 and decimals < _MOST_DECIMALS:
        decimals += 1
    form = form.model_copy(update={"decimals": decimals})
    percent = value.unit == "%"
    by = format_number(size, form, numbers, percent=percent) + ("" if percent else f" {value.unit}")
    return f"{words.rose if value.number > 0 else words.fell} {by}"


def _part(value: Value, form: NumberFormat, numbers: Numbers) -> str:
    assert value.number is not None  # a part of "over" is a count
    return format_number(value.number, NumberFormat(pad=form.pad), numbers)
