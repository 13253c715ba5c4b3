"""The one door through which sentences for people pass: a catalogue lookup, and the parts put in."""

from __future__ import annotations


def _(message: str, /, **parts: object) -> str:
    """
    Return a sentence for people in the language in force.

    Parameters
    ----------
    message
        The English sentence, as the catalogue knows it; parts stand in braces.
    parts
        What stands in the braces; without any, the message is taken as it is.

    Examples
    --------
    >>> _("expected {wanted}, got {got}", wanted=3, got=4)
    'expected 3, got 4'
    """
    return message.format(**parts) if parts else message
