"""What a share or ratio counts over which base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baocao.project.language import _

if TYPE_CHECKING:
    from baocao.checking.definitions import Definition


def format_definition(definition: Definition) -> str:
    """Return a definition as lines: its sentence, then each side with what it was read from."""
    lines = [f"{definition.id} ({definition.unit}): {definition.label}".rstrip(": ")]
    if definition.definition:
        lines.append(f"  {definition.definition}")
    for word, side in ((_("numerator"), definition.numerator), (_("base"), definition.base)):
        if side is not None:
            name = f"{side.id}: {side.label}" if side.label else side.id
            lines.append(f"  {word}  {name}")
            lines += [f"    {source}" for source in side.sources]
    if definition.source:
        lines.append("  " + _("typed in  {cell}", cell=definition.source))
    return "\n".join(lines)
