"""What a notebook's cells carry out: Markdown for people, and for the stitcher parts whose numbers know their values."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from baocao.project.errors import UsageError, ValueUseError
from baocao.project.language import _
from baocao.values.citations import Citation
from baocao.values.formatting import print_value
from baocao.values.value import MARK_CLOSE, MARK_OPEN, Value, find_written

if TYPE_CHECKING:
    from baocao.project.params import Params

# An output carries its part under this type; the number is the version of its layout.
MIME = "application/vnd.baocao.v1+json"

_MARK = re.compile(f"{MARK_OPEN}([^|{MARK_CLOSE}]+)\\|([^{MARK_CLOSE}]*){MARK_CLOSE}")
_SPECIAL = re.compile(r"([\\`*_\[\]{}<>#|$@^~&\"'])")


def escape_markdown(text: str) -> str:
    r"""
    Write a plain text so that Pandoc's Markdown shows it as it is.

    Examples
    --------
    >>> print(escape_markdown("a_b [c]"))
    a\_b \[c\]
    """
    # A blank line within would end the paragraph, and the span with it.
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()) if "\n" in text else text)


class Outputs:
    """
    The outputs of one section's notebook.

    Parameters
    ----------
    report, section
        What the notebook calls itself.
    reads
        What the notebook has read so far, with fingerprints; every output
        carries it as it then stands.
    """

    def __init__(self, params: Params, report: str, section: str, reads: Mapping[str, str]) -> None:
        self.params = params
        self.report = report
        self.section = section
        #: Values written so far, by id.
        self.values: dict[str, Value] = {}
        self._reads = reads
        self._sent: dict[str, str] = {}
        self._sent_blocks: set[str] = set()

    def show(
        self,
        part: dict[str, Any],
        *,
        png: bytes | None = None,
        svg: str | None = None,
        carried: Iterable[Value] = (),
    ) -> None:
        """
        Display a part: ``kind``, Markdown in ``markdown``, ``caption`` or ``alt``, and what else it needs.

        Parameters
        ----------
        carried
            Values that the part shows without writing them, such as a chart's.

        Raises
        ------
        ValueUseError
            One id stands for two numbers in this notebook.
        """
        from IPython.display import display

        values = list(carried)
        for value in values:
            self._know(value)
        people: dict[str, str] = {}
        for field in ("caption", "alt", "markdown"):
            if field in part:
                part[field], people[field] = self._resolve(part[field], values)
        payload = {
            **part,
            "report": self.report,
            "section": self.section,
            "reads": dict(sorted(self._reads.items())),
            **self._nodes(values),
        }
        bundle: dict[str, Any] = {MIME: payload}
        if png is not None:
            bundle["image/png"] = base64.b64encode(png).decode("ascii")
            bundle["image/svg+xml"] = svg
            bundle["text/plain"] = part["alt"]
        else:
            head = f"**{people['caption']}**\n\n" if "caption" in people else ""
            bundle["text/markdown"] = head + people["markdown"]
            bundle["text/plain"] = head + part["markdown"]
        display(bundle, raw=True)

    def _know(self, value: Value) -> None:
        if not value.unit:
            raise ValueUseError(
                _(
                    "what does {value!r} count? Give it an id that params/indicators.yaml knows, or unit=….",
                    value=value,
                )
            )
        known = self.values.get(value.id)
        if known is not None and known.content != value.content:
            raise ValueUseError(
                _(
                    "id {id!r} stands for two values in section {section}: {known!s} from {basis!r} and {value!s} from {basis2!r}; give one of them another id.",
                    id=value.id,
                    section=self.section,
                    known=known,
                    basis=known.basis,
                    value=value,
                    basis2=value.basis,
                )
            )
        self.values[value.id] = value

    def _resolve(self, text: str, values: list[Value]) -> tuple[str, str]:
        """Replace marks; gives the text for the stitcher and the text for people."""

        def put(match: re.Match[str], *, people: bool) -> str:
            thing = find_written(match[1])
            if isinstance(thing, Value):
                self._know(thing)
                values.append(thing)
                printed = print_value(thing, self.params.indicators, match[2])
                if people:
                    return f'<data value="{thing.number}" title="{thing.id}">{printed}</data>'
                return f'[{printed}]{{.so v="{thing.id}"}}'
            if isinstance(thing, Citation):
                if people:
                    return thing.text
                cells = ";".join(str(ref) for ref in thing.cells)
                return f'[{escape_markdown(thing.text)}]{{.vb c="{_attribute(cells)}"}}'
            raise UsageError(
                _("{match!r} was written by another notebook; write the value here.", match=match[0])
            )

        return (
            _MARK.sub(lambda match: put(match, people=False), text),
            _MARK.sub(lambda match: put(match, people=True), text),
        )

    def _nodes(self, values: Iterable[Value]) -> dict[str, Any]:
        """Give the derivation of values, without what an earlier output has carried out."""
        nodes: dict[str, Any] = {}
        blocks: dict[str, Any] = {}
        for printed in values:
            for value in printed.walk():
                if self._sent.get(value.id) == value.content:
                    continue
                self._sent[value.id] = value.content
                for source in value.sources:
                    if source.block.key not in self._sent_blocks:
                        self._sent_blocks.add(source.block.key)
                        blocks[source.block.key] = [list(span) for span in source.block.spans]
                nodes[value.id] = {
                    "number": None if value.number is None else str(value.number),
                    "unit": value.unit,
                    "op": value.op,
                    "parents": [parent.id for parent in value.parents],
                    "sources": [[source.block.key, source.column, source.role] for source in value.sources],
                    "basis": value.basis,
                }
        return {"values": nodes, "blocks": blocks}


def _attribute(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
