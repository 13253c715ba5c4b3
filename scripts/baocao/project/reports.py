"""A report: its words, its addressee, its sections and the notebooks that write them, as a data model."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from baocao.project.language import _
from baocao.project.models import Code, Model, Text

NotebookName = Annotated[str, StringConstraints(pattern=r"^(?:[A-Za-z0-9_-]+/)?[A-Za-z0-9_-]+$")]


class PointSpec(Model):
    """One notebook of a section, and the Markdown line that stands above what it writes; None for no line."""

    notebook: NotebookName
    heading: Text | None = None


class SectionSpec(Model):
    """
    One heading of a report, and the notebooks that write what stands below it.

    Parameters
    ----------
    notebook
        The section's own notebook, ``07-ho-so``; None where there is none.
    points
        Notebooks that follow it; ``chung/…`` is one that several reports share.
    """

    key: Code
    heading: str
    notebook: NotebookName | None = None
    points: tuple[PointSpec, ...] = ()

    @property
    def parts(self) -> tuple[PointSpec, ...]:
        """Every notebook of the section, in order."""
        own = (PointSpec(notebook=self.notebook),) if self.notebook else ()
        return own + self.points


class ReportSpec(Model):
    """One report: its words, its addressee and the order of its sections."""

    name: Code
    title: Text
    recipient: tuple[Text, ...] = ()
    copies: tuple[Text, ...] = ()
    signature: tuple[Text, ...] = ()
    symbol: Text = "BC"
    sections: Annotated[tuple[SectionSpec, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _nothing_twice(self) -> ReportSpec:
        keys = [section.key for section in self.sections]
        notebooks = [point.notebook for section in self.sections for point in section.parts]
        for what, names in ((_("sections"), keys), (_("notebooks"), notebooks)):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(_("{what} stand there twice: {names}", what=what, names=", ".join(twice)))
        return self

    @property
    def notebooks(self) -> tuple[str, ...]:
        """Folder and name of every notebook, ``kstthc/07-ho-so``, in order, each once."""
        names = [self.locate(point.notebook) for section in self.sections for point in section.parts]
        return tuple(dict.fromkeys(names))

    def locate(self, notebook: str) -> str:
        """
        Return where a notebook of the report lies below ``notebooks/``.

        Examples
        --------
        >>> spec = ReportSpec(name="cchc", title="Kết quả", recipient=(), copies=(), signature=(),
        ...                   sections=[SectionSpec(key="I", heading="I.")])
        >>> spec.locate("01-chi-dao"), spec.locate("chung/so-hoa")
        ('cchc/01-chi-dao', 'chung/so-hoa')
        """
        return notebook if "/" in notebook else f"{self.name}/{notebook}"
