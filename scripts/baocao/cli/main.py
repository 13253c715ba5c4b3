"""The door of the command line; behind it, nothing is loaded that the answer does not need."""

from __future__ import annotations

import sys

from baocao.cli.answers import recall


def main() -> None:
    """Answer at once where everything is as it was when the same was asked before, else run the command."""
    lines = recall(sys.argv[1:])
    if lines is not None:
        sys.stderr.write("".join(f"{line}\n" for line in lines))
        sys.exit(0)
    from baocao.cli.commands import main as run

    run()
