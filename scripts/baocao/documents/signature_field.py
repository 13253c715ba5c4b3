"""
The place for a signature in a PDF: an empty signature field, which a token's program finds and fills.

Typst knows no form fields, but it sets and tags links. A layout lays a link to
``urn:baocao:chu-ky:<words>`` where the signature goes; here it becomes the
field. Position, structure and reading order stay those that Typst gave it.
"""

from __future__ import annotations

from pathlib import Path

from baocao.project.errors import TraceError
from baocao.project.language import _

PLACE = "urn:baocao:chu-ky:"
NAME = "ChuKy"


def place_fields(document: Path) -> None:
    """
    Make every place for a signature a field, named ``ChuKy``, ``ChuKy2`` and so on.

    The file stays PDF/A-3a and PDF/UA-1: the field has an appearance (an empty
    one), is printed, says in words what it is for, and stands in the structure
    as a form.

    Parameters
    ----------
    document
        As Typst wrote it; written anew in place, the same file to the same
        bytes. One without a place is left as it is.

    Raises
    ------
    TraceError
        It is no PDF.
    """
    import pikepdf
    from pikepdf import Array, Dictionary, Name, String

    try:
        pdf = pikepdf.open(document, allow_overwriting_input=True)
    except pikepdf.PdfError as error:
        raise TraceError(
            _("{path} is no PDF that can be read ({error}).", path=document, error=error)
        ) from None
    with pdf:
        places = [
            (page, link, words)
            for page in pdf.pages
            for link in page.get("/Annots", ())
            if (words := _read_words(link)) is not None
        ]
        if not places:
            return
        for number, (page, link, words) in enumerate(places, 1):
            for key in ("/A", "/Border", "/Contents", "/QuadPoints"):
                if key in link:
                    del link[key]
            left, bottom, right, top = (float(side) for side in link.Rect)
            empty = pdf.make_stream(
                b"\n",  # of nothing at all qpdf makes a packed stream that cannot be unpacked
                Type=Name.XObject,
                Subtype=Name.Form,
                BBox=Array([0, 0, round(right - left, 3), round(top - bottom, 3)]),
                Resources=Dictionary(),
            )
            link.Subtype, link.FT = Name.Widget, Name.Sig
            link.T, link.TU = String(NAME if number == 1 else f"{NAME}{number}"), String(words)
            link.P, link.F, link.AP = page.obj, 4, Dictionary(N=empty)
        fields = [link for _page, link, _said in places]
        pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array(fields)))
        _tag(pdf, [link.StructParent for link in fields])
        pdf.save(document, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.preserve)


def _read_words(link: object) -> str | None:
    """Return what a place says of itself; None for another link."""
    target = link.get("/A", {}).get("/URI")  # type: ignore[attr-defined]
    text = "" if target is None else bytes(target).decode("utf-8", "replace")
    return text.removeprefix(PLACE) if text.startswith(PLACE) else None


def _tag(pdf: object, keys: list[int]) -> None:
    """Make the structure's links to the fields forms; a form holds its field and nothing else."""
    import pikepdf

    numbers = pikepdf.NumberTree(pdf.Root.StructTreeRoot.ParentTree)  # type: ignore[attr-defined]
    for key in keys:
        numbers[int(key)].S = pikepdf.Name.Form
