"""What papermill has put into a notebook, held against the cell that takes it."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from baocao.project.errors import UsageError
from baocao.project.language import _
from baocao.sections.filling import list_near

# How papermill begins the cell that it puts behind the one tagged 'parameters'.
_INJECTED = "# Parameters\n"


def read_cells() -> Sequence[str]:
    """Return the sources of the cells executed so far; empty outside a notebook."""
    from IPython import get_ipython

    shell = get_ipython()
    return list(shell.user_ns.get("In", ())) if shell is not None else ()


def check_injected(cells: Sequence[str]) -> None:
    r"""
    Refuse parameters that the notebook does not know; papermill itself only warns and runs the default.

    Parameters
    ----------
    cells
        Sources of the executed cells, in order.

    Raises
    ------
    UsageError
        A name was given that the cell tagged ``parameters`` does not assign.

    Examples
    --------
    >>> check_injected(['period = "2026-Q1"', '# Parameters\nperiod = "2026-Q2"\n'])
    >>> check_injected(['period = "2026-Q1"', '# Parameters\nperid = "2026-Q2"\n'])
    Traceback (most recent call last):
    baocao.project.errors.UsageError: this notebook has no parameter 'perid'; did you mean period?
    """
    declared: set[str] = set()
    for cell in cells:
        if cell.startswith(_INJECTED):
            unknown = sorted(_assigned(cell) - declared)
            if unknown:
                raise UsageError(
                    _(
                        "this notebook has no parameter {name}; did you mean {near}?",
                        name=repr(unknown[0]),
                        near=list_near(unknown[0], declared),
                    )
                )
        declared = _assigned(cell)


def _assigned(cell: str) -> set[str]:
    try:
        tree = ast.parse(cell)
    except SyntaxError:  # a magic; the cell assigns no parameter
        return set()
    targets = [
        target
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    return {target.id for target in targets if isinstance(target, ast.Name)}
