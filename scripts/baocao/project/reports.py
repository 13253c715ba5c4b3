"""A report: its words, its addressee, its sections and the notebooks that write them, as a data model."""

from __future__ import annotations

from baocao.project.models import Model

# Notebooks that several reports use lie in notebooks/chung/.
SHARED = "chung"


class PointSpec(Model):
    """One notebook of a section, and the Markdown line that stands above what it writes; None for no line."""

    notebook: str
    heading: str | None = None


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

    key: str
    heading: str
    notebook: str | None = None
    points: tuple[PointSpec, ...] = ()

    @property
    def parts(self) -> tuple[PointSpec, ...]:
        """Every notebook of the section, in order."""
        own = (PointSpec(notebook=self.notebook),) if self.notebook else ()
        return own + self.points


class ReportSpec(Model):
    """One report: its words, its addressee and the order of its sections."""

    name: str
    title: str
    recipient: tuple[str, ...]
    copies: tuple[str, ...]
    signature: tuple[str, ...]
    symbol: str = "BC"
    sections: tuple[SectionSpec, ...]

    @property
    def notebooks(self) -> tuple[str, ...]:
        """Folder and name of every notebook, ``kstthc/07-ho-so``, in order, each once."""
        names = [self.locate(point.notebook) for section in self.sections for point in section.parts]
        return tuple(dict.fromkeys(names))

    def locate(self, notebook: str) -> str:
        """
        Say where a notebook of the report lies below ``notebooks/``.

        Examples
        --------
        >>> spec = ReportSpec(name="cchc", title="", recipient=(), copies=(), signature=(), sections=())
        >>> spec.locate("01-chi-dao"), spec.locate("chung/so-hoa")
        ('cchc/01-chi-dao', 'chung/so-hoa')
        """
        return notebook if notebook.startswith(f"{SHARED}/") else f"{self.name}/{notebook}"
