"""All commands, by stage of the flow, and the one door through which they are entered."""

from __future__ import annotations

import sys
import traceback
from typing import cast

import typer

from baocao.cli.app import EXIT_UNUSABLE, app
from baocao.cli.commands import building, checking, editions, intake, reviewing, tracing, verifying
from baocao.cli.faults import UsageFault, format_fault
from baocao.cli.output import say
from baocao.project.ending import end_cleanly
from baocao.project.errors import BaocaoError
from baocao.project.language import _

__all__ = ["app", "building", "checking", "editions", "intake", "main", "reviewing", "tracing", "verifying"]


def main() -> None:
    """Run the command line; every error of ours becomes a message and its exit code."""
    end_cleanly()
    sys.exit(_run())


def _run() -> int:
    try:
        return cast("int", app(standalone_mode=False)) or 0
    except UsageFault as fault:
        say(format_fault(fault))
        return EXIT_UNUSABLE
    except BaocaoError as error:
        say(f"baocao: {error}")
        return error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        say(_("baocao: interrupted"))
        return 130
    except BrokenPipeError:
        return 0
    except OSError as error:
        say(_("baocao: cannot read or write: {error}", error=error))
        return EXIT_UNUSABLE
    except Exception:  # noqa: BLE001 a fault of ours: show all of it, and never the exit code of findings
        traceback.print_exc()
        return EXIT_UNUSABLE
