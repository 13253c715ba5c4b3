"""What is wrong with the arguments of a command, in the language in force."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import typer

from baocao.project.language import N_, _

# typer exports none of the classes above this one, and keeps them elsewhere from version to version.
UsageFault: type[Any] = typer.BadParameter.__mro__[1]

# As typer writes them. What is in braces is taken from its sentence and put into ours.
SENTENCES = (
    N_("Missing command."),
    N_("Missing argument {name}."),
    N_("Missing option {name}."),
    N_("No such command {name}."),
    N_("No such command {name}. Did you mean {names}?"),
    N_("No such option: {name}"),
    N_("No such option: {name} (Possible options: {names})"),
    N_("Got unexpected extra argument(s) ({names})"),
    N_("Option {name} requires an argument."),
    N_("Option {name} does not take a value."),
    N_("Invalid value for {name}: {why}"),
    N_("{value} is not one of {choices}."),
    N_("Value {value} is not a valid int."),
    N_("{value} is not a valid integer."),
    N_("{value} is not in the range {range}."),
    N_("Input should be greater than or equal to {number}"),
    N_("Input should be a valid integer, unable to parse string as an integer"),
)


def format_fault(error: Any) -> str:
    """Return the sentences for a fault of the arguments: how the command is called, and what is wrong."""
    lines = []
    if error.ctx is not None:
        lines.append(error.ctx.get_usage())
        lines.append(
            _("'{command} --help' says more.", command=error.ctx.command_path),
        )
    lines.append(f"baocao: {translate_fault(error.format_message())}")
    return "\n".join(lines)


def translate_fault(text: str) -> str:
    """
    Return typer's sentence in the language in force; as it is where it is none that we know.

    Examples
    --------
    >>> translate_fault("Missing argument 'PERIOD'.")
    "Missing argument 'PERIOD'."
    """
    for message, pattern in _patterns():
        if match := pattern.fullmatch(text.removeprefix("Value error, ")):
            return _(message, **{key: translate_fault(part) for key, part in match.groupdict().items()})
    return text


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    # The one with more fixed words first: others would take them for a name.
    longest = sorted(SENTENCES, key=lambda text: -len(re.sub(r"\{\w+\}", "", text)))
    return tuple(
        (text, re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(text)), re.DOTALL))
        for text in longest
    )
