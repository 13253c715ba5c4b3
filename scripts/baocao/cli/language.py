"""Which language a command speaks: known before its arguments are parsed, so that their faults are in it too."""

from __future__ import annotations

import os
from pathlib import Path

from baocao.project.errors import UsageError
from baocao.project.language import (
    LANGUAGES,
    VARIABLE,
    Language,
    _,
    language_of_house,
    parse_language,
    use_language,
)

# The house of a project that is begun, where none is asked for.
STARTING_HOUSE = "plain"


def take_language(args: list[str]) -> list[str]:
    """
    Put the language in force that the arguments, the environment or the project ask for.

    Returns
    -------
    list of str
        The arguments without ``--lang``, which may stand before and after the command.

    Raises
    ------
    UsageError
        It is none of ours.
    """
    rest, asked = _take(args, "--lang")
    others, root = _take(rest, "--root")
    language = (
        parse_language(asked) or parse_language(os.environ.get(VARIABLE)) or _language_to_begin_in(others)
    )
    use_language(language, Path(root) if root else None)
    if asked is not None and parse_language(asked) is None:
        raise UsageError(_("there is no language {asked!r}; expected {known}.", asked=asked, known=LANGUAGES))
    return rest


def _language_to_begin_in(args: list[str]) -> Language | None:
    """Return the language of the house that a project is begun for, wherever that is done; else None."""
    command = next((word for word in args if not word.startswith("-")), None)
    if command != "init" or "--help" in args:
        return None
    _others, house = _take(args, "--house")
    return language_of_house(house or STARTING_HOUSE)


def _take(args: list[str], option: str) -> tuple[list[str], str | None]:
    rest: list[str] = []
    value: str | None = None
    end = args.index("--") if "--" in args else len(args)
    position = 0
    while position < end:
        arg = args[position]
        if arg == option:
            value = args[position + 1] if position + 1 < end else ""
            position += 1
        elif arg.startswith(f"{option}="):
            value = arg.partition("=")[2]
        else:
            rest.append(arg)
        position += 1
    return rest + args[end:], value
