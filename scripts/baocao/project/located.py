"""A YAML file read with the line of each key: nothing twice, nothing hidden, nothing that unfolds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from baocao.project.errors import ParamsError
from baocao.project.findings import Finding
from baocao.project.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONFLICT = re.compile(r"^(?:<{7}|>{7}|\|{7})(?: |$)|^={7}$", re.MULTILINE)
_CHARACTERS = 2_000_000
_DEPTH = 40
_NODES = 200_000
_TEXT = "tag:yaml.org,2002:str"
KeyPath = tuple[str | int, ...]


@dataclass
class LocatedData:
    """
    What a YAML file holds, and where each part of it stands.

    Parameters
    ----------
    data
        Plain data; every key is the text that is written, so ``10507:`` is ``"10507"``.
    lines
        By path (keys and places in lists), the line, from 1.
    texts
        By path, what is written there, where it is neither a list nor a map.
    """

    file: str
    data: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    texts: dict[KeyPath, str] = field(default_factory=dict)

    def where(self, path: KeyPath) -> str:
        """Return file and line as messages give them: ``params/place.yaml:4``."""
        return f"{self.file}:{self.line(path)}"

    def line(self, path: KeyPath) -> int:
        """Return the line of a path, or of the nearest part above it that is there."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def name_file(path: Path) -> str:
    """
    Return how a file under ``params/`` is called in messages.

    Examples
    --------
    >>> from pathlib import Path
    >>> name_file(Path("/home/x/project/params/place.yaml"))
    'params/place.yaml'
    """
    return f"{path.parent.name}/{path.name}"


def read_params_text(path: Path, purpose: str) -> str:
    """
    Read a text file under ``params/``.

    Parameters
    ----------
    purpose
        What belongs into the file; it is said where the file is missing.

    Raises
    ------
    ParamsError
        It is missing, is no UTF-8 text, or two versions of it stand there unmerged.
    """
    file = name_file(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ParamsError(
            _("{file} is missing; write it: {purpose}", file=file, purpose=purpose), path=path
        ) from None
    except OSError as error:
        raise ParamsError(
            _("{file} cannot be read: {reason}.", file=file, reason=error.strerror or error), path=path
        ) from None
    text = decode_text(content, file, path)
    mark = _CONFLICT.search(text)
    if mark:
        line = text.count("\n", 0, mark.start()) + 1
        raise _fault(
            path,
            line,
            _(
                "two versions stand there unmerged; keep one and delete the lines {marks}",
                marks="<<<<<<< ======= >>>>>>>",
            ),
        )
    return text


def decode_text(content: bytes, file: str, path: Path | None = None) -> str:
    """
    Decode a text file that somebody has saved.

    Raises
    ------
    ParamsError
        It is not UTF-8, or holds characters that are no text; the message says what it seems to be and what to do.

    Examples
    --------
    >>> decode_text("code: quý".encode("utf-8-sig"), "params/place.yaml")
    'code: quý'
    >>> decode_text("code: 1".encode("utf-16"), "params/place.yaml")
    Traceback (most recent call last):
    baocao.project.errors.ParamsError: params/place.yaml: expected UTF-8 text, got UTF-16; save it again as UTF-8.
    """
    said = _("save it again as UTF-8.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:200]:
        got = (
            "UTF-16"
            if content.startswith((b"\xff\xfe", b"\xfe\xff")) or content[:200].count(0) > 9
            else _("a file that is no text")
        )
        raise ParamsError(
            _("{file}: expected UTF-8 text, got {got}; {action}", file=file, got=got, action=said), path=path
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ParamsError(
            _(
                "{file}:{line}: expected UTF-8 text, got byte {byte} (an older encoding such as windows-1258?); {action}",
                file=file,
                line=line,
                byte=f"0x{content[error.start]:02x}",
                action=said,
            ),
            path=path,
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_yaml(path: Path, purpose: str) -> LocatedData:
    """
    Read a YAML file of one document.

    Parameters
    ----------
    purpose
        What belongs into the file; it is said where the file is missing or empty.

    Raises
    ------
    ParamsError
        It is missing, is not YAML, has a key twice, or uses what could hide
        something from its reader: anchors, tags, several documents.
    """
    text = read_params_text(path, purpose)
    file = name_file(path)
    if len(text) > _CHARACTERS:
        raise ParamsError(
            _(
                "{file}: expected at most {most} characters, got {got}.",
                file=file,
                most=_CHARACTERS,
                got=len(text),
            ),
            path=path,
        )
    try:
        _refuse_hidden(text, path)
        node = yaml.compose(text, Loader=_PARSER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        raise _fault(path, mark.line + 1 if mark else 1, _explain_syntax(text, mark, problem)) from None
    if node is None:
        raise ParamsError(_("{file} is empty; write it: {purpose}", file=file, purpose=purpose), path=path)
    located = LocatedData(file)
    located.data = _Constructor(path, located).construct(node, ())
    return located


def _explain_syntax(text: str, mark: Any, problem: str) -> str:
    lines = text.split("\n")
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())] or "\\t" in problem:
        return _("a line is indented with a tab; indent it with spaces")
    return _(
        "this is not YAML: {problem}", problem=_(next(said for words, said in _SYNTAX if words in problem))
    )


# The parser speaks English only, and of blocks, flows and streams.
_SYNTAX = (
    ("mapping values are not allowed", N_("a colon stands where none may be; put the text in quotes")),
    ("expected ':'", N_("a key has no colon behind it, or is not in line with the others")),
    ("expected ','", N_("a list or a pair of braces is not closed, or lacks a comma")),
    ("end of stream", N_("quotes, a list or braces are not closed")),
    ("document indicator", N_("quotes, a list or braces are not closed")),
    ("expected key", N_("the indent does not fit the lines above")),
    ("expected <block end>", N_("the indent does not fit the lines above")),
    ("expected '-' indicator", N_("the indent does not fit the lines above")),
    ("cannot start any token", N_("a character that begins no text; put the text in quotes")),
    ("undefined alias", N_("a star (*) begins no text; put the text in quotes")),
    ("", N_("look at the indent, the colons and the quotes of the line and of those above")),
)


def _refuse_hidden(text: str, path: Path) -> None:
    """Refuse what a reader of the file would not see: tags, a second document, anchors within anchors."""
    anchored: list[bool] = []
    documents = 0
    for event in yaml.parse(text, Loader=_PARSER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            if any(anchored):
                raise _fault(path, line, _("an anchor (&) holds another one (*); write the text out"))
        elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag not in (None, "!"):
            raise _fault(path, line, _("tags ({tag}) are not used here; write a plain value", tag=event.tag))
        if isinstance(event, yaml.CollectionStartEvent):
            anchored.append(bool(event.anchor))
            if len(anchored) > _DEPTH:
                raise _fault(path, line, _("this is nested deeper than {most} levels", most=_DEPTH))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchored.pop()
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _fault(
                    path, line, _("a second document begins here; the file holds one, so delete the line ---")
                )


class _Constructor(yaml.constructor.SafeConstructor):
    """Makes plain data of nodes and notes the line of each."""

    def __init__(self, path: Path, located: LocatedData) -> None:
        super().__init__()
        self.path = path
        self.located = located
        self.count = 0

    def construct(self, node: yaml.Node, path: KeyPath) -> Any:
        self.located.lines.setdefault(path, node.start_mark.line + 1)
        self.count += 1
        if self.count > _NODES:
            raise _fault(
                self.path,
                node.start_mark.line + 1,
                _("the file unfolds to more than {most} values", most=_NODES),
            )
        if isinstance(node, yaml.MappingNode):
            return self.construct_map(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.construct(item, (*path, index)) for index, item in enumerate(node.value)]
        self.located.texts[path] = node.value
        if node.tag == _TEXT:
            return node.value
        try:
            return self.construct_object(node)
        except (yaml.YAMLError, ValueError, OverflowError):
            # What looks like a date or a number and is none is the text that stands there.
            return node.value

    def construct_map(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise _fault(
                    self.path,
                    line,
                    _("expected a key, got a list or a map; a text that begins with { or [ stands in quotes"),
                )
            name = key.value
            if name == "<<":
                raise _fault(self.path, line, _("maps are not merged (<<) here; write the keys out"))
            inner = (*path, name)
            if name in data:
                raise _fault(
                    self.path,
                    line,
                    _(
                        "{key} stands there twice, first in line {first}; keep one",
                        key=_spell(inner),
                        first=self.located.line(inner),
                    ),
                )
            self.located.lines[inner] = line
            data[name] = self.construct(value, inner)
        return data


def _spell(path: Iterable[str | int]) -> str:
    return ".".join(str(part) for part in path)


def _fault(path: Path, line: int, message: str) -> ParamsError:
    where = f"{name_file(path)}:{line}"
    finding = Finding("params", "error", message, cells=(where,))
    return ParamsError(f"{where}: {message}.", path=path, findings=(finding,))
