"""
The one door through which sentences for people pass: a catalogue lookup, and the parts put in.

English sentences are the keys of the catalogues under ``locale/`` (gettext;
``make messages`` brings them up to date). Which language is in force: what the
command line asked for, else ``BAOCAO_LANG``, else the language of the house
that the project belongs to, else English.
"""

from __future__ import annotations

import gettext
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Literal, Self, cast, get_args

Language = Literal["en", "vi"]

LANGUAGES: tuple[Language, ...] = get_args(Language)
VARIABLE = "BAOCAO_LANG"
DOMAIN = "baocao"
LOCALE = Path(__file__).resolve().parents[1] / "locale"
_DECIMAL_COMMA = frozenset({"vi"})

#: Of projects that name none, as those did that were begun before there were two.
DEFAULT_HOUSE = "nd30"

_root: Path | None = None


class Sentence(str):
    """
    A sentence in the language in force, which still knows its message and its parts.

    It is text wherever text is wanted. Where it is kept for later, by pickle
    or by :func:`as_record`, the message and its parts are kept instead, so that
    another reader gets it in their own language.

    Parameters
    ----------
    message
        The English sentence, with parts in braces; for a count, of one.
    parts
        What stands in the braces.
    plural
        The English sentence for any other count; None where there is no count.
    """

    __slots__ = ("message", "parts", "plural")

    message: str
    parts: dict[str, object]
    plural: str | None

    def __new__(cls, message: str, parts: dict[str, object], plural: str | None = None) -> Self:
        """Put the message into words."""
        sentence = super().__new__(cls, _put(message, parts, plural))
        sentence.message, sentence.parts, sentence.plural = message, parts, plural
        return sentence

    def __reduce__(self) -> tuple[Any, ...]:
        return Sentence, (self.message, self.parts, self.plural)


def _(message: str, /, **parts: object) -> Sentence:
    """
    Return a sentence for people in the language in force.

    Parameters
    ----------
    message
        The English sentence, as the catalogue knows it; parts stand in braces.
    parts
        What stands in the braces; without any, the message is taken as it is.

    Examples
    --------
    >>> _("expected {wanted}, got {got}", wanted=3, got=["a", "b"])
    'expected 3, got a, b'
    """
    return Sentence(message, parts)


def _n(one: str, many: str, count: int, /, **parts: object) -> Sentence:
    """
    Return the sentence for a count, which stands in it as ``{count}``.

    Examples
    --------
    >>> _n("{count} file", "{count} files", 1), _n("{count} file", "{count} files", 2)
    ('1 file', '2 files')
    """
    return Sentence(one, {"count": count, **parts}, many)


def join(texts: Iterable[str], separator: str = "; ") -> str:
    """
    Put sentences beside each other; each of them still knows its message.

    Examples
    --------
    >>> join([_("{count} rows", count=3), "as typed"]), as_record(join(["a", _("formula")]))["message"]
    ('3 rows; as typed', '{p0}; {p1}')
    """
    parts: dict[str, object] = {f"p{number}": text for number, text in enumerate(texts)}
    return Sentence(separator.join(f"{{{name}}}" for name in parts), parts)


def format_number(number: Decimal | Fraction) -> str:
    """
    Return a number for a message: all its digits (15 of one that never ends), no exponent, in the reader's language.

    Examples
    --------
    >>> format_number(Decimal("1E+3")), format_number(Decimal("1.50")), format_number(Fraction(2, 3))
    ('1000', '1.5', '0.666666666666667')
    """
    if isinstance(number, Fraction):
        number = Context(prec=15).divide(Decimal(number.numerator), Decimal(number.denominator))
    return Sentence("{number}", {"number": number})


def N_(message: str, /) -> str:  # noqa: N802 gettext's own name
    """Return a message as it is, for :func:`_` to put into words later; it marks it for the catalogue."""
    return message


class OwnWords(str):
    """
    A text that a project has in some languages, and the program in the others; as a :class:`Sentence`, it is kept whole.

    Parameters
    ----------
    texts
        The project's, by language.
    otherwise
        What a reader of another language gets.
    """

    __slots__ = ("otherwise", "texts")

    texts: dict[str, str]
    otherwise: str

    def __new__(cls, texts: dict[str, str], otherwise: str) -> Self:
        """Take the text in the reader's language."""
        text = super().__new__(cls, texts.get(language_in_force(), otherwise))
        text.texts, text.otherwise = texts, otherwise
        return text

    def __reduce__(self) -> tuple[Any, ...]:
        return OwnWords, (self.texts, self.otherwise)


def as_record(text: str | None) -> str | dict[str, Any] | None:
    """
    Return plain JSON types from which :func:`from_record` makes a text in the reader's language.

    Examples
    --------
    >>> as_record(_("{count} rows", count=3)), as_record("as typed")
    ({'message': '{count} rows', 'parts': {'count': 3}}, 'as typed')
    """
    if isinstance(text, OwnWords):
        return {"texts": text.texts, "otherwise": as_record(text.otherwise)}
    if not isinstance(text, Sentence):
        return text
    plural = {} if text.plural is None else {"plural": text.plural}
    return {"message": text.message, **plural, "parts": {k: _part_record(v) for k, v in text.parts.items()}}


def _part_record(part: object) -> Any:
    if isinstance(part, str):
        return as_record(part)
    if isinstance(part, (tuple, list)):
        return [_part_record(item) for item in part]
    if isinstance(part, Decimal):
        return {"decimal": str(part)}
    return part if part is None or isinstance(part, (int, float)) else str(part)


def from_record(record: str | Mapping[str, Any] | None) -> Any:
    """
    Undo :func:`as_record`.

    Examples
    --------
    >>> from_record(as_record(_("in {sheet}: {why}", sheet="06a", why=_("it is blank"))))
    'in 06a: it is blank'
    """
    if record is None or isinstance(record, str):
        return record
    if "texts" in record:
        return OwnWords(dict(record["texts"]), from_record(record["otherwise"]))
    parts = {key: _part(part) for key, part in record["parts"].items()}
    return Sentence(record["message"], parts, record.get("plural"))


def _part(part: Any) -> object:
    if isinstance(part, Mapping):
        return Decimal(part["decimal"]) if "decimal" in part else from_record(part)
    return [_part(item) for item in part] if isinstance(part, list) else part


# -- which language --------------------------------------------------------------


def use_language(language: Language | None, root: Path | None = None) -> None:
    """
    Put a language in force, here and in the processes that are started from here.

    Parameters
    ----------
    language
        What is asked for; None means what the house of the project speaks.
    root
        The project folder asked for; None means the one that is found.

    Examples
    --------
    >>> use_language("vi"), language_in_force(), use_language("en")
    (None, 'vi', None)
    """
    global _root  # noqa: PLW0603 a process speaks one language
    _root = root
    if language is None:
        os.environ.pop(VARIABLE, None)
    else:
        os.environ[VARIABLE] = language


@contextmanager
def speaking(language: Language | str) -> Iterator[None]:
    """
    Speak a language for a while: for a document, which is the house's whoever makes it.

    Examples
    --------
    >>> with speaking("vi"):
    ...     print(_("warning"))
    cảnh báo
    """
    before, root = parse_language(os.environ.get(VARIABLE)), _root
    use_language(parse_language(language) or "en", root)
    try:
        yield
    finally:
        use_language(before, root)


def language_in_force() -> Language:
    """Return the language that people are spoken to in."""
    return parse_language(os.environ.get(VARIABLE)) or house_language(_root)


def parse_language(text: str | None) -> Language | None:
    """
    Return a language by its name, as ``vi`` or ``vi_VN.UTF-8``; None where it is none of ours.

    Examples
    --------
    >>> parse_language("vi_VN.UTF-8"), parse_language("fr"), parse_language(None)
    ('vi', None, None)
    """
    name, after = (text or "")[:2].lower(), (text or "")[2:3]
    return next((one for one in LANGUAGES if one == name and after in ("", "_", "-", ".")), None)


def house_language(root: Path | None) -> Language:
    """Return the language of the house that a project belongs to; English where there is no project."""
    place = _find_place(root or os.environ.get("BAOCAO_ROOT"), os.getcwd())  # noqa: PTH109 asked for every sentence
    return _read_house_language(place) if place else "en"


def _find_place(asked: Path | str | None, here: str) -> Path | None:
    """Return the file that names the house; found once, it stays where it is."""
    known = _places.get((asked, here))
    if known is not None:
        return known
    from baocao.project.folder import MARKER, find_here, is_project

    found = None if asked else find_here()
    folder = Path(asked) if asked else found.root if found else Path(__file__).resolve().parents[3]
    if not is_project(folder) or not (place := folder / MARKER).is_file():
        return None
    if asked or found:
        _places[asked, here] = place
    return place


_places: dict[tuple[Path | str | None, str], Path] = {}


@cache
def _read_house_language(place: Path) -> Language:
    # Read by its line: that the file is wrong may be what there is to say.
    match = re.search(r"^house:\s*(\w+)", place.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    return language_of_house(match[1] if match else DEFAULT_HOUSE)


def language_of_house(name: str) -> Language:
    """Return the language of a house by its name; English where there is no such house."""
    # Later than the import: whoever asks for a language needs no house.
    from importlib.metadata import entry_points

    from baocao.project.house import GROUP, find_house

    known = name in entry_points(group=GROUP).names
    return (parse_language(find_house(name).language) if known else None) or "en"


# -- words ----------------------------------------------------------------------


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE, [language], fallback=language == "en")


def _put(message: str, parts: Mapping[str, object], plural: str | None) -> str:
    language = language_in_force()
    catalogue = _catalogue(language)
    if plural is None:
        text = catalogue.gettext(message)
    else:
        text = catalogue.ngettext(message, plural, cast("int", parts["count"]))
    return _Parts(language).vformat(text, (), parts) if parts else text


class _Parts(Formatter):
    """Puts parts into a sentence: lists with commas, decimals as the language writes them."""

    def __init__(self, language: Language) -> None:
        self._comma = language in _DECIMAL_COMMA

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, (tuple, list)):
            return ", ".join(map(str, value))
        if isinstance(value, Decimal) and not format_spec:
            text = f"{value:f}"
            text = text.rstrip("0").rstrip(".") if "." in text else text
        else:
            text = super().format_field(value, format_spec)
        return text.replace(".", ",") if self._comma and isinstance(value, (float, Decimal)) else text
