"""
Forms: tidy rows out of submissions, and what is wrong with the submissions.

A damage gives one finding. Where the head of a sheet is not the form's, its
rows are not read; where a cell cannot be used, no sum or total over it is
compared. A row without a usable entry in every column is left out, and so is
the whole submission later on, unless the period's parameters treat it.
"""

from baocao.reading.forms.results import FormResult, FormRow, Sender, SubmissionResult
from baocao.reading.forms.sheets import read_form
from baocao.reading.forms.submission import find_sheet, read_submission

__all__ = [
    "FormResult",
    "FormRow",
    "Sender",
    "SubmissionResult",
    "find_sheet",
    "read_form",
    "read_submission",
]
