"""A signed copy that came back: signatures visible and not, number and date filled in, and everything else told."""

from __future__ import annotations

import io
import zlib
from datetime import UTC, datetime
from types import SimpleNamespace

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from baocao.documents.signature_field import PLACE, place_fields
from baocao.editions.signed import copies
from baocao.editions.signed.copies import examine
from baocao.project.errors import InputError, TraceError
from baocao.project.hashes import hash_file

HEAD = "So:\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0/BC-UBND, ngay\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0thang\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0nam 2026"
FIRST = f"BT /F1 12 Tf 60 760 Td ({HEAD}) Tj 0 -90 Td (Tiep nhan 142.186 ho so, dat 97,15%) Tj ET"
SECOND = "BT /F1 12 Tf 60 700 Td (Con lai 1.018 ho so) Tj 0 -300 Td (CHU TICH) Tj ET"
# Without it PDFium takes several blanks of a text for one.
UNICODE = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def
1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfrange <20> <7E> <0020> endbfrange
1 beginbfchar <A0> <00A0> endbfchar endcmap end end"""
NUMBER_BOX = [75, 758, 105, 774]


def _escape(text: str) -> bytes:
    return text.encode("cp1252")


def make_pdf(first=FIRST, second=SECOND) -> bytes:
    pdf = pikepdf.new()
    font = pdf.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    )
    font.ToUnicode = pdf.make_stream(UNICODE)
    for content in (first, second):
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Resources = Dictionary(Font=Dictionary(F1=font))
        page.Contents = pdf.make_stream(_escape(content))
    pdf.attachments["trace.json"] = b"{}"
    return _save(pdf)


def _save(pdf, **options) -> bytes:
    stream = io.BytesIO()
    pdf.save(stream, deterministic_id=True, **options)
    return stream.getvalue()


def change(content: bytes, alter) -> bytes:
    """Open, alter and save anew, as an editor does."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        alter(pdf)
        return _save(pdf)


def update(content: bytes, alter) -> bytes:
    """Alter in a revision behind the last one."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    alter(writer)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def lay(pdf, box, subtype="/FreeText", text="37", page=0, **more):
    shown = pdf.make_stream(
        f"BT /F1 10 Tf 1 3 Td ({text}) Tj ET".encode(),
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, box[2] - box[0], box[3] - box[1]]),
        Resources=pdf.pages[page].Resources,
    )
    entry = Dictionary(
        Type=Name.Annot,
        Subtype=Name(subtype),
        Rect=Array(box),
        F=4,
        Contents=String(text),
        AP=Dictionary(N=shown),
        **more,
    )
    page = pdf.pages[page]
    page.Annots = Array([*page.get("/Annots", []), pdf.make_indirect(entry)])
    return page.Annots[-1]


@pytest.fixture(scope="module")
def issued(tmp_path_factory):
    path = tmp_path_factory.mktemp("issued") / "hoso.pdf"
    path.write_bytes(make_pdf())
    return path


@pytest.fixture
def look(issued, tmp_path):
    def look(content: bytes):
        file = tmp_path / "signed.pdf"
        file.write_bytes(content)
        return examine(issued, hash_file(issued), file, "hoso")

    return look


def codes(examined, severity="error"):
    return {one.code for one in examined.findings if one.severity == severity}


@pytest.mark.parametrize("box", [None, (300, 300, 500, 380)], ids=["invisible", "visible"])
def test_a_signed_copy_is_taken_and_its_signer_named(issued, look, signer, sign_pdf, box):
    examined = look(sign_pdf(issued.read_bytes(), signer, box=box))
    assert examined.good, examined.findings
    [signature] = examined.signatures
    assert (signature.signer, signature.organization) == ("Nguyễn Văn A", "UBND")
    assert signature.visible is (box is not None)
    assert "issuer-unknown" in codes(examined, "warning")


def _with_field(content: bytes, folder) -> bytes:
    """Lay the link that a layout lays, and make it the field."""

    def alter(pdf):
        target = Dictionary(S=Name.URI, URI=String(f"{PLACE}Signature of the leader".encode()))
        link = lay(pdf, [300, 300, 500, 370], "/Link", page=1, A=target, StructParent=0)
        form = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Link))
        form.K = Array([Dictionary(Type=Name.OBJR, Obj=link, Pg=pdf.pages[1].obj)])
        numbers = Dictionary(Nums=Array([0, form]))
        pdf.Root.StructTreeRoot = pdf.make_indirect(
            Dictionary(Type=Name.StructTreeRoot, K=form, ParentTree=pdf.make_indirect(numbers))
        )

    path = folder / "with-field.pdf"
    path.write_bytes(change(content, alter))
    place_fields(path)
    return path.read_bytes()


def _draw_over(writer):
    """Give the field a look though nobody signed in it."""
    from pyhanko.pdf_utils import generic

    field = writer.root["/AcroForm"]["/Fields"][0]
    form = {"/Type": "/XObject", "/Subtype": "/Form"}
    drawn = generic.StreamObject(
        generic.DictionaryObject({generic.pdf_name(k): generic.pdf_name(v) for k, v in form.items()}),
        stream_data=b"0 0 190 60 re f",
    )
    drawn[generic.pdf_name("/BBox")] = generic.ArrayObject(map(generic.NumberObject, (0, 0, 200, 70)))
    field["/AP"] = generic.DictionaryObject({generic.pdf_name("/N"): writer.add_object(drawn)})
    writer.update_container(field)


def test_the_empty_field_of_the_report_may_be_signed_and_nothing_else(issued, tmp_path, signer, sign_pdf):
    path, file = tmp_path / "hoso.pdf", tmp_path / "signed.pdf"
    path.write_bytes(_with_field(issued.read_bytes(), tmp_path))

    def look(content):
        file.write_bytes(content)
        return examine(path, hash_file(path), file, "hoso")

    signed = sign_pdf(path.read_bytes(), signer, field="ChuKy", filled=True)
    examined = look(signed)
    assert examined.good, examined.findings
    assert [(one.field, one.visible) for one in examined.signatures] == [("ChuKy", True)]
    assert look(sign_pdf(path.read_bytes(), signer)).good  # another program lays a field of its own
    assert "changed-after-signing" in codes(look(update(signed, _draw_over)))
    faked = update(path.read_bytes(), _draw_over)
    assert codes(look(sign_pdf(faked, signer))) >= {"structure", "looks"}


def test_a_root_that_is_given_is_trusted(issued, tmp_path, signer, sign_pdf):
    file, root = tmp_path / "signed.pdf", tmp_path / "root.cer"
    file.write_bytes(sign_pdf(issued.read_bytes(), signer))
    root.write_bytes(signer.signing_cert.dump())
    examined = examine(issued, hash_file(issued), file, "hoso", trust=[root])
    assert examined.signatures[0].trusted
    assert codes(examined) == set()
    assert "issuer-unknown" not in codes(examined, "warning")


def test_a_certificate_that_no_longer_held_is_told(issued, look, make_signer, sign_pdf):
    old = make_signer(start=datetime(2015, 1, 1, tzinfo=UTC), days=365)
    examined = look(sign_pdf(issued.read_bytes(), old))
    assert "certificate-expired" in codes(examined, "warning")
    assert examined.good


def test_number_and_date_may_be_filled_in_and_two_may_sign(issued, look, make_signer, sign_pdf):
    """The leader signs, the office fills in the number, then signs for the organization."""
    once = sign_pdf(
        issued.read_bytes(), make_signer("Nguyễn Văn A"), box=(300, 300, 500, 360), field="Leader"
    )

    def stamp(writer):
        from pyhanko.pdf_utils import generic

        page = writer.root["/Pages"]["/Kids"].raw_get(0)
        node = page.get_object()
        appearance = generic.StreamObject(
            generic.DictionaryObject(
                {
                    generic.pdf_name("/Type"): generic.pdf_name("/XObject"),
                    generic.pdf_name("/Subtype"): generic.pdf_name("/Form"),
                    generic.pdf_name("/BBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 30, 16))),
                    generic.pdf_name("/Resources"): node["/Resources"],
                }
            ),
            stream_data=b"BT /F1 10 Tf 1 3 Td (37) Tj ET",
        )
        entry = generic.DictionaryObject(
            {
                generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
                generic.pdf_name("/Subtype"): generic.pdf_name("/FreeText"),
                generic.pdf_name("/F"): generic.NumberObject(4),
                generic.pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, NUMBER_BOX)),
                generic.pdf_name("/AP"): generic.DictionaryObject(
                    {generic.pdf_name("/N"): writer.add_object(appearance)}
                ),
            }
        )
        node["/Annots"] = generic.ArrayObject([writer.add_object(entry)])
        writer.update_container(node)

    numbered = update(once, stamp)
    examined = look(sign_pdf(numbered, make_signer("UBND"), box=(320, 250, 420, 290), field="Office"))
    assert examined.good, examined.findings
    assert [one.signer for one in examined.signatures] == ["Nguyễn Văn A", "UBND"]
    assert "37" in examined.filled[0]


def _replace_text(before, after):
    def alter(pdf):
        page = pdf.pages[0]
        page.Contents = pdf.make_stream(page.Contents.read_bytes().replace(before, after))

    return alter


def _attach(pdf):
    pdf.attachments["trace.json"] = b'{"other": 1}'


def _swap(pdf):
    pdf.pages[0], pdf.pages[1] = pikepdf.Page(pdf.pages[1].obj), pikepdf.Page(pdf.pages[0].obj)


def _field(pdf):
    entry = lay(pdf, NUMBER_BOX, "/Widget", FT=Name.Tx, T=String("number"), V=String("37"))
    pdf.Root.AcroForm = Dictionary(Fields=Array([entry]))


def _cover(pdf):
    page = pdf.pages[0]
    page.contents_add(pdf.make_stream(b"q 1 g 110 665 50 20 re f Q"))


def _hide(pdf):
    # The number is drawn in white: its text stays, and nobody sees it.
    page = pdf.pages[0]
    page.Contents = pdf.make_stream(page.Contents.read_bytes().replace(b"(Tiep", b"1 g (Tiep"))


TAMPERED = {
    "number replaced": (_replace_text(b"142.186", b"142.196"), "text"),
    "word added": (_replace_text(b"dat", b"khong dat"), "text"),
    "text removed": (_replace_text(b", dat 97,15%", b""), "text"),
    "words in the number's place": (_replace_text(b"/BC", b"sai/BC"), "filled-in"),
    "year replaced": (_replace_text(b"2026", b"2027"), "filled-in"),
    "page added": (lambda pdf: pdf.pages.append(pdf.pages[1]), "pages"),
    "page removed": (lambda pdf: pdf.pages.__delitem__(1), "pages"),
    "pages swapped": (_swap, "another-document"),
    "page turned": (lambda pdf: pdf.pages[1].rotate(180, relative=False), "structure"),
    "page cropped": (lambda pdf: setattr(pdf.pages[1], "CropBox", Array([0, 0, 300, 400])), "structure"),
    "number covered": (_cover, "looks"),
    "number hidden": (_hide, "looks"),
    "note over a number": (lambda pdf: lay(pdf, [115, 665, 160, 682], text="999"), "annotation"),
    "stamp in the margin": (lambda pdf: lay(pdf, [400, 500, 460, 520], "/Stamp", "DUYET"), "annotation"),
    "text where the number goes": (lambda pdf: lay(pdf, NUMBER_BOX, text="bo"), "filled-in"),
    "link": (
        lambda pdf: lay(pdf, [60, 660, 200, 680], "/Link", A=Dictionary(S=Name.URI, URI=String("http://a"))),
        "annotation",
    ),
    "form field": (_field, "structure"),
    "attachment exchanged": (_attach, "structure"),
    "attachment added": (lambda pdf: pdf.attachments.__setitem__("b", b"1"), "structure"),
    "script on opening": (
        lambda pdf: setattr(pdf.Root, "OpenAction", Dictionary(S=Name.JavaScript, JS=String("1"))),
        "structure",
    ),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_altered_before_signing_is_told(issued, look, signer, sign_pdf, name):
    alter, code = TAMPERED[name]
    examined = look(sign_pdf(change(issued.read_bytes(), alter), signer))
    assert code in codes(examined), examined.findings


def test_a_file_saved_anew_after_signing_bears_no_signature_that_holds(issued, look, signer, sign_pdf):
    examined = look(change(sign_pdf(issued.read_bytes(), signer), _cover))
    assert codes(examined) & {"signature-broken", "signature-unreadable", "unsigned"}, examined.findings


def test_a_revision_behind_the_signature_is_told(issued, look, signer, sign_pdf):
    def alter(writer):
        from pyhanko.pdf_utils import generic

        page = writer.root["/Pages"]["/Kids"][0]
        content = page["/Contents"]
        replaced = generic.StreamObject(stream_data=content.data.replace(b"142.186", b"142.196"))
        page["/Contents"] = writer.add_object(replaced)
        writer.update_container(page)

    examined = look(update(sign_pdf(issued.read_bytes(), signer), alter))
    assert codes(examined) >= {"changed-after-signing", "text"}


def test_a_byte_exchanged_under_the_signature_is_told(issued, look, signer, sign_pdf):
    content = sign_pdf(issued.read_bytes(), signer)
    at = content.index(b"%PDF") + 10
    assert "signature-broken" in codes(look(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]))


def test_a_signature_over_or_beside_a_number_is_told(issued, look, signer, sign_pdf):
    for box in [(115, 665, 160, 685), (40, 665, 112, 685)]:
        assert "signature-over-text" in codes(look(sign_pdf(issued.read_bytes(), signer, box=box, page=0)))
    examined = look(sign_pdf(issued.read_bytes(), signer, box=(60, 395, 120, 420), page=1))
    assert examined.good
    assert "signature-over-text" in codes(examined, "warning")


def test_the_unsigned_the_wrong_and_the_truncated_are_told(issued, look, signer, sign_pdf):
    assert codes(look(issued.read_bytes())) == {"unsigned"}
    other = make_pdf("BT /F1 12 Tf 60 700 Td (Giay moi hop chieu thu hai) Tj ET")
    assert "another-document" in codes(look(sign_pdf(other, signer)))
    content = sign_pdf(issued.read_bytes(), signer)
    for damaged in (content[: len(content) // 2], b"%PDF-1.7\n", b"", zlib.compress(content)):
        with pytest.raises((InputError, TraceError)):
            look(damaged)


def test_a_good_copy_is_kept_and_checked_again(issued, tmp_path, monkeypatch, signer, sign_pdf):
    folder = tmp_path / "issued" / "1"
    folder.mkdir(parents=True)
    (folder / "hoso.pdf").write_bytes(issued.read_bytes())
    edition = SimpleNamespace(
        period="2026-Q1", number=1, reports=("hoso",), outputs={"hoso.pdf": hash_file(issued)}
    )
    monkeypatch.setattr(copies, "read_edition", lambda *_: edition)
    monkeypatch.setattr(copies, "issued_folder", lambda *_: folder.parent)
    file = tmp_path / "came.pdf"
    file.write_bytes(issued.read_bytes())
    assert copies.take_back(None, None, file).path is None
    file.write_bytes(sign_pdf(issued.read_bytes(), signer))
    kept = copies.take_back(None, None, file).path
    assert kept == folder / "signed" / "hoso.pdf"
    assert copies.read_copy(kept.with_suffix(".json")).signatures[0].signer == "Nguyễn Văn A"
    assert copies.check_copies(edition, folder) == []
    kept.write_bytes(sign_pdf(issued.read_bytes(), signer))
    assert [one.code for one in copies.check_copies(edition, folder)] == ["copy-exchanged"]
