"""One Markdown source into Word, PDF and HTML in the layout of Decree 30/2020."""

from baocao.rendering.documents import render_report
from baocao.rendering.engine import FORMATS, Engine, Format
from baocao.rendering.engines import choose_engine
from baocao.rendering.sources import check_source

__all__ = ["FORMATS", "Engine", "Format", "check_source", "choose_engine", "render_report"]
