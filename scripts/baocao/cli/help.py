"""
Help in the language in force: typer's layout, our words.

Texts stand in the commands as the catalogue's English messages and are put
into words when help is shown, since the language is known only then. Help is
plain text: it is there at once, and a pipe gets what a terminal gets.
"""

from __future__ import annotations

import inspect
from typing import Any

from typer.core import TyperArgument, TyperCommand, TyperGroup

from baocao.cli.language import take_language
from baocao.cli.stages import Stage
from baocao.project.language import N_, _

OPTIONS = N_("[OPTIONS]")
COMMAND = N_("COMMAND [ARGS]...")
HELP = N_("Show this message and exit.")


class Command(TyperCommand):
    """A command whose help speaks the language in force."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write how the command is called."""
        _format_usage(self, ctx, formatter)

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Write what the command does."""
        _format_text(self, ctx, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write what each argument and option is."""
        _format_params(self, ctx, formatter)


class Group(TyperGroup):
    """All commands, listed by stage; the language is chosen before anything is parsed."""

    def make_context(self, info_name: Any, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Take ``--lang`` out of the arguments, wherever it stands."""
        return super().make_context(info_name, take_language(args), parent, **extra)

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write how the program is called."""
        _format_usage(self, ctx, formatter)

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Write what the program does."""
        _format_text(self, ctx, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the global options, then the commands of each stage."""
        _format_params(self, ctx, formatter)
        width = max(map(len, self.commands))
        for stage in Stage:
            with formatter.section(_(stage.value)):
                formatter.write_dl(
                    [
                        (name.ljust(width), _words(command.help))
                        for name, command in self.commands.items()
                        if getattr(command, "rich_help_panel", None) == stage.value
                    ]
                )


def _format_usage(command: Any, ctx: Any, formatter: Any) -> None:
    pieces = [
        _(OPTIONS),
        *(_words(param.metavar) for param in command.params if isinstance(param, TyperArgument)),
    ]
    if isinstance(command, Group):
        pieces.append(_(COMMAND))
    formatter.write_usage(ctx.command_path, " ".join(pieces), _("Usage: "))


def _format_text(command: Any, _ctx: Any, formatter: Any) -> None:
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(_words(command.help))


def _format_params(command: Any, ctx: Any, formatter: Any) -> None:
    arguments, options = [], []
    for param in command.get_params(ctx):
        if isinstance(param, TyperArgument):
            arguments.append((_words(param.metavar), _words(param.help)))
        else:
            options.append((_spell(param), _words(param.help) + _default(param)))
    for title, rows in ((_("Arguments"), arguments), (_("Options"), options)):
        if rows:
            with formatter.section(title):
                formatter.write_dl(rows)


def _words(message: str | None) -> str:
    return _(inspect.cleandoc(message)) if message else ""


def _default(param: Any) -> str:
    default = getattr(param.default, "value", param.default)
    if param.is_flag or not default:
        return ""
    return " " + _("[default: {value}]", value=default)


def _spell(param: Any) -> str:
    names = ", ".join(param.opts)
    return f"{names} {_(param.metavar)}" if param.metavar else names
