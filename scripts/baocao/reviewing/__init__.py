"""
Review pages: every number of a period's reports one click from its cells, opened from disk.

``reports/<period>/review/index.html`` needs no server and no network. The
documents lie in it; what a click needs is loaded when it is needed, through
``<script>`` elements, since a page opened from disk may not fetch files.
"""

from baocao.reviewing.material import Document, Material, gather
from baocao.reviewing.pages import make_pages, refresh_review, write_review

__all__ = ["Document", "Material", "gather", "make_pages", "refresh_review", "write_review"]
