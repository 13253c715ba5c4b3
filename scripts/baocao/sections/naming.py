"""Values by the ids that a section's texts know them by."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import replace

from baocao.project.errors import UsageError, ValueUseError
from baocao.project.language import _
from baocao.sections.filling import Piece, list_near
from baocao.sections.outputs import Outputs
from baocao.sections.reads import WatchedParams
from baocao.values.value import Value, total


class Names:
    """
    The values of one section: those it has named, and those it has printed.

    Parameters
    ----------
    notebook
        What the section is called in messages.

    Attributes
    ----------
    known : mapping of str to Value
        By id.
    """

    def __init__(self, notebook: str, params: WatchedParams, outputs: Outputs) -> None:
        self._notebook = notebook
        self._params = params
        self._outputs = outputs
        self._named: dict[str, Value] = {}
        self.known: Mapping[str, Value] = ChainMap(self._named, outputs.values)

    def find(self, id: str) -> Value:
        """
        Return a value that is known, or that ``params/indicators.yaml`` makes of such.

        Raises
        ------
        UsageError
            There is none; the message says what is missing.
        """
        id = self.resolve_alias(id)
        if id in self.known:
            return self.known[id]
        indicator = self._params.indicators.get(id)
        parts = indicator.made_of if indicator else ()
        if not parts:
            raise UsageError(
                _(
                    "section {section} has no value {id}; name it: section.name({id}=…). Named so far, or near: {near}.",
                    section=self._notebook,
                    id=id,
                    near=list_near(id, self.known),
                )
            )
        assert indicator is not None
        made_of = [self.find(part) for part in parts]
        made = made_of[0] / made_of[1] if indicator.share else total(made_of)
        return self.name(id, made)

    def name(self, id: str, value: Value) -> Value:
        """
        Give a value an id, and the unit that the id has.

        Raises
        ------
        ValueUseError
            ``params/indicators.yaml`` has no such id, has it in another unit or made of other values;
            or the id stands for another value already.
        """
        indicator = self._params.indicators.get(id)
        if indicator is None:
            near = list_near(id, self._params.indicators)
            raise ValueUseError(
                _(
                    "params/indicators.yaml has no {id}; add it there with label and unit, or use {near}.",
                    id=id,
                    near=near,
                )
            )
        if value.op == "over":
            part, base = (_measure(parent, indicator.unit) for parent in value.parents)
            value = part.over(base, id)
        else:
            value = _measure(value, indicator.unit)
        return self.keep(value.named(id))

    def keep(self, value: Value) -> Value:
        """
        Remember a value under its id.

        Raises
        ------
        ValueUseError
            The id stands for another value already, or params declare it otherwise.
        """
        self._outputs.require_declared(value)
        known = self._named.get(value.id)
        if known is not None and known.content != value.content:
            raise ValueUseError(
                _(
                    "id {id!r} stands for two values in section {section}: {one} and {other}; give one another id.",
                    id=value.id,
                    section=self._notebook,
                    one=f"{known!s} ({known.basis})",
                    other=f"{value!s} ({value.basis})",
                )
            )
        self._named[value.id] = value
        return value

    def resolve_alias(self, id: str) -> str:
        """Return what an id is called today."""
        return self._params.aliases.get(id, id)

    def name_pieces(self, pieces: Mapping[str, Piece]) -> dict[str, Piece]:
        """Return what a text is given, values with their ids."""
        named = dict(pieces)
        for name, piece in pieces.items():
            if isinstance(piece, Value):
                named[name] = self.keep(piece) if piece.name else self.name(name, piece)
        return named


def _measure(value: Value, unit: str) -> Value:
    """Return a value that was read, in the unit of its id: what a row stands for may be counted as something else."""
    return value if value.parents else replace(value, unit=unit)
