"""
Every code of a finding about submissions, with its severity and its sentence.

The codes are stable: scripts may compare them. Where, expected, got and what
to do stand beside the sentence in the finding. A damage gives one finding: the checks that would only repeat
it (sums over an unreadable cell, sheets of an unreadable file) stay silent.
"""

from __future__ import annotations

from typing import NamedTuple

from baocao.project.findings import Finding, Severity
from baocao.project.language import N_, _


class Code(NamedTuple):
    """How grave a code is, and the sentence of its finding."""

    severity: Severity
    message: str


CODES: dict[str, Code] = {
    # the folder
    "missing-submission": Code("error", N_("The unit's report has not been received")),
    "second-submission": Code("error", N_("The unit sent more than one report file")),
    "unknown-unit": Code("error", N_("The file's name fits no unit on the list")),
    "ended-unit": Code("error", N_("The unit does not report for this period")),
    "bad-file-name": Code("error", N_("The file's name has characters that cannot be used")),
    "stray-file": Code("warning", N_("The file is no part of the reports and was not read")),
    "wrong-extension": Code("warning", N_("The file's name does not end in .xlsx")),
    "linked-file": Code("warning", N_("The file is a link to another file, not the one received")),
    # the file
    "unreadable-file": Code("error", N_("The file cannot be opened")),
    "empty-file": Code("error", N_("The file is empty (0 bytes)")),
    "too-large": Code("error", N_("The file is too large for a report form")),
    "old-xls": Code("error", N_("The file is in the old Excel format (.xls)")),
    "encrypted": Code("error", N_("The file is protected by a password")),
    "html": Code("error", N_("The file is a page of HTML or XML, not an Excel workbook")),
    "not-a-workbook": Code("error", N_("The file is no Excel workbook")),
    "open-document": Code("error", N_("The file is in the OpenDocument format (.ods)")),
    "binary-workbook": Code("error", N_("The file is in the binary Excel format (.xlsb)")),
    "macro-workbook": Code("error", N_("The file holds macros (.xlsm)")),
    "truncated": Code("error", N_("The file is cut off, its end is missing")),
    "damaged": Code("error", N_("The file is damaged")),
    "zip-bomb": Code("error", N_("The file inflates beyond measure")),
    "xml-doctype": Code("error", N_("The file declares a DOCTYPE, which is not safe to read")),
    "far-cell": Code("error", N_("A cell lies too far from the data")),
    "giant-text": Code("error", N_("A cell holds too long a text")),
    "too-many-cells": Code("error", N_("The sheet has too many cells")),
    "parser-failed": Code("error", N_("Reading the file took more time or memory than allowed")),
    # the sheet
    "missing-sheet": Code("error", N_("The sheet of the form is missing")),
    "hidden-sheet": Code("error", N_("The sheet of the form is hidden")),
    "hidden-extra-sheet": Code("warning", N_("There is a hidden sheet beside the form; it was not read")),
    "empty-sheet": Code("error", N_("The sheet of the form is blank")),
    "wrong-columns": Code("error", N_("The column headings are not those of the form")),
    "wrong-period": Code("error", N_("The form is of another period")),
    "wrong-unit": Code("error", N_("The form is of another unit")),
    "unknown-sender": Code("warning", N_("The head names somebody else than the unit of its code")),
    "wrong-form": Code("error", N_("The form that came back is not the one in use, or of another version")),
    "no-total": Code("error", N_("The row of totals was not found")),
    "no-rows": Code("error", N_("The form has no rows of data")),
    "empty-register": Code("warning", N_("The register has no rows in the period")),
    "blank-row": Code("error", N_("There is a blank row among the data")),
    "hidden-rows": Code("error", N_("There are hidden rows among the data")),
    "hidden-columns": Code("error", N_("There are hidden columns among the data")),
    "merged-cells": Code("error", N_("There are merged cells among the data")),
    "outside-number": Code("error", N_("There are numbers outside the form")),
    "outside-text": Code(
        "warning", N_("There are notes outside the columns of the form; they were not read")
    ),
    # the cell
    "blank": Code("error", N_("The cell is blank")),
    "dash": Code("error", N_("The cell holds a dash in place of a number")),
    "text-number": Code("error", N_("The number was typed as text")),
    "not-a-number": Code("error", N_("The cell must hold a number, but holds something else")),
    "error-value": Code("error", N_("The cell holds an Excel error")),
    "formula-no-result": Code("error", N_("The cell has a formula, but the file keeps no result of it")),
    "negative": Code("error", N_("The number is negative")),
    "not-whole": Code("error", N_("A count has decimals")),
    "text-date": Code("error", N_("The date was typed as text")),
    "not-a-date": Code("error", N_("The cell must hold a date, but holds something else")),
    "not-a-choice": Code("error", N_("The entry is none of the choices")),
    "not-text": Code("error", N_("The cell must hold text, but holds something else")),
    "duplicate-key": Code("error", N_("Two rows are the same")),
    "near-key": Code("warning", N_("Two rows differ in nothing but punctuation or where a tone stands")),
    "same-entry": Code("error", N_("Two rows have an entry that only one of them can have")),
    "broken-order": Code("warning", N_("The rows are not numbered one after the other; one may be missing")),
    "unknown-indicator": Code("error", N_("The form has no indicator of this code")),
    "missing-indicator": Code("error", N_("The row of an indicator is missing")),
    "indicator-not-asked": Code(
        "warning", N_("This unit is not asked for this indicator; it was not counted")
    ),
    "wrong-measure": Code("error", N_("The unit of measure is wrong")),
    "changed-label": Code("warning", N_("The indicator's name is not the form's")),
    # the numbers
    "sum-mismatch": Code("error", N_("The columns of the row do not agree")),
    "total-mismatch": Code("error", N_("The row of totals is not the sum of the rows")),
    "total-unreadable": Code("warning", N_("The row of totals could not be compared")),
    "carried-over": Code(
        "error", N_("What was carried over is not what was pending at the end of the period before")
    ),
    # what the sender sees
    "shown-differently": Code("error", N_("The cell shows another number than the one stored in it")),
    "shown-rounded": Code("warning", N_("The cell shows fewer decimals than are stored in it")),
    "not-shown": Code("error", N_("The cell holds a number that nobody can see")),
    "struck-out": Code("error", N_("The entry is struck out, but would be counted")),
    "not-always-shown": Code("warning", N_("A conditional format may hide the number or show another one")),
    "formula-outside": Code("warning", N_("The number comes from another workbook; its trace ends here")),
    "formula-stale": Code("error", N_("The stored result is not what the formula gives")),
    "formula-volatile": Code("error", N_("The formula gives another result whenever the file is opened")),
    # rows that are no items
    "subtotal-row": Code("warning", N_("A row of sums stands among the items; it is not counted")),
    "subtotal-mismatch": Code(
        "error", N_("A row of sums stands among the items and is not the sum of its rows")
    ),
    "heading-row": Code("warning", N_("A heading stands among the items; it is not counted")),
    "part-row": Code("error", N_("A row that is part of another row would be counted twice")),
    "sum-of-rows": Code("error", N_("A row equals the sum of the rows beside it and would be counted twice")),
    "missing-row": Code("error", N_("A row that the form must have is missing")),
    "unknown-row": Code("warning", N_("The form does not know this row; no report prints it")),
    # the entries of one row against each other
    "above-limit": Code("error", N_("A part is larger than its whole")),
    "state-contradicts-date": Code("error", N_("The state and the date of a row contradict each other")),
    "state-contradicts-entry": Code(
        "error", N_("The state and another entry of a row contradict each other")
    ),
    "uneven-amounts": Code("warning", N_("Amounts of one row are hundreds of times each other")),
    "out-of-bounds": Code("error", N_("The number is outside what is possible")),
    "odd-date": Code("warning", N_("The date lies decades away from the period")),
    # entries against other forms and lists
    "unknown-key": Code("error", N_("The entry is not found where it must stand")),
    "unknown-name": Code("warning", N_("No unit and no office has this name")),
    "missing-key": Code("error", N_("An item is missing from the list")),
    "wrong-unit-data": Code("error", N_("The row does not agree with the list of units")),
    # entries against the period before
    "fallen": Code("error", N_("A figure that can only grow is below that of the period before")),
    "thousandfold": Code(
        "warning", N_("The number is hundreds of times that of the period before, or hundreds of times less")
    ),
    "same-as-before": Code("error", N_("The figures are those of the period before")),
    "counted-before": Code("error", N_("The item stood in the period before already")),
    "parts-differ": Code("error", N_("The figure of the whole period is not what its parts make")),
    "taken-twice": Code("error", N_("One file stands for two parts of the period")),
    "no-measure": Code("warning", N_("The head does not say in what the numbers are measured")),
    # the parameters of the period
    "treatment-partial": Code("warning", N_("The period before has no form to take the numbers from")),
    "treatment-stale": Code(
        "error", N_("What was confirmed of a cell is about something else than stands there")
    ),
    "treatment-wrong": Code("error", N_("A cell cannot be taken as what the period's parameters say")),
    "treatment-unneeded": Code("warning", N_("The period's parameters treat a report that can be used")),
}

CONTRADICTIONS = frozenset(
    {
        "sum-mismatch", "total-mismatch", "subtotal-mismatch", "carried-over", "formula-volatile",
        "formula-stale", "struck-out", "same-entry", "state-contradicts-entry", "above-limit", "state-contradicts-date", "out-of-bounds", "fallen", "same-as-before", "counted-before",
        "parts-differ", "missing-key", "wrong-unit-data", "empty-register",
    }
)  # fmt: skip
"""
Codes of what can be read and hardly be right: numbers that contradict themselves, a register without a row.
``accept`` lets them stand.
"""


def submission_finding(
    code: str,
    cells: tuple[str, ...],
    *,
    unit: str | None,
    expected: str,
    got: str,
    action: str,
) -> Finding:
    """
    Make the finding of a code.

    Examples
    --------
    >>> submission_finding("blank", ("a.xlsx#06a!D9",), unit="H01", expected="a whole number",
    ...                    got="blank cell", action="Enter a number.").severity
    'error'
    """
    known = CODES[code]
    return Finding(
        code=code,
        severity=known.severity,
        message=_(known.message),
        unit=unit,
        cells=cells,
        expected=expected,
        got=got,
        action=action,
    )
