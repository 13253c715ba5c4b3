"""Pages beside those of the numbers that hold one list: counters, and a row for each thing that is counted."""

from __future__ import annotations

import html
from collections.abc import Iterable

from baocao.project.language import _, language_in_force


def write_list_page(
    title: str, counters: Iterable[tuple[str, int]], heads: Iterable[str], rows: Iterable[str], note: str = ""
) -> bytes:
    """
    Return a page with one table.

    Parameters
    ----------
    counters
        What is counted, and how much there is of it.
    rows
        In HTML, the cells of each.
    note
        A sentence above the table; empty where there is none.
    """
    title = html.escape(title)
    counted = "".join(f"<li><b>{number}</b> {html.escape(name)}</li>" for name, number in counters)
    return f"""<!DOCTYPE html>
<html lang="{language_in_force()}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self' file:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="stylesheet" href="review.css">
</head>
<body>
<header class="top"><h1>{title}</h1><a href="index.html">{html.escape(_("Review of the numbers"))}</a></header>
<main id="documents">
<ul class="counters">{counted}</ul>
{f"<p>{html.escape(note)}</p>" if note else ""}
<div class="wide" tabindex="0" role="region" aria-label="{title}"><table class="status">
<thead><tr>{write_cells(heads, "th")}</tr></thead>
<tbody>
{"".join(f"<tr>{row}</tr>" for row in rows)}
</tbody>
</table></div>
</main>
</body>
</html>
""".encode()


def write_cells(texts: Iterable[str], tag: str = "td") -> str:
    """
    Return texts as cells of a row.

    Examples
    --------
    >>> write_cells(["<1>", "2"])
    '<td>&lt;1&gt;</td><td>2</td>'
    """
    return "".join(f"<{tag}>{html.escape(text)}</{tag}>" for text in texts)


def write_state(state: str, look: str) -> str:
    """Return a state as it is shown within a cell; ``look`` is a class of the style sheet, or empty."""
    return f"<span class='state {look}'>{html.escape(state)}</span>"
