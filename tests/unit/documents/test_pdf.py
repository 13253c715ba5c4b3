"""What is read of a PDF: the flow of its text, the notes at the feet of its pages."""

from __future__ import annotations

import typst

from baocao.documents.pdf import PdfFile

PAGE = """
#set page(width: 12cm, height: 8cm, margin: 1cm, numbering: "1")
#set text(size: 12pt)
#set super(typographic: false)
"""
WORDS = " ".join(f"word{chr(97 + n % 26)}" for n in range(60))


def read(tmp_path, source: str) -> PdfFile:
    path = tmp_path / "a.pdf"
    typst.compile((PAGE + source).encode(), output=str(path), ignore_system_fonts=True)
    return PdfFile(path)


def test_a_paragraph_over_two_pages_is_not_broken_by_the_notes_between_them(tmp_path):
    source = f"""Opening 57 acts#footnote[Report 13/BC of 17 January.] {WORDS} and
        412 cases#footnote[Report 23/BC of 23 January.] {WORDS}."""
    file = read(tmp_path, source)
    assert " ".join(file.text.split()) == (
        f"Opening 57 acts {WORDS} and 412 cases {WORDS}. Report 13/BC of 17 January. Report 23/BC of 23 January."
    )


def test_a_raised_number_that_opens_a_line_of_the_text_begins_no_note(tmp_path):
    file = read(tmp_path, f"First.#linebreak()#super[2]Second line of 33 cases. {WORDS}\n\nThird of 44.")
    assert " ".join(file.text.split()) == f"First. Second line of 33 cases. {WORDS} Third of 44."


def test_the_number_of_a_page_is_no_part_of_its_text_below_notes_too(tmp_path):
    source = f"{WORDS} 11.#footnote[Note 7.] #pagebreak() {WORDS} 22.#footnote[Note 8.] #pagebreak() {WORDS}"
    file = read(tmp_path, source)
    assert " ".join(file.text.split()) == f"{WORDS} 11. {WORDS} 22. {WORDS} Note 7. Note 8."


def test_the_last_digits_before_a_larger_heading_are_no_mark_of_a_note(tmp_path):
    heading = "#text(size: 20pt)[2. Complaints]"
    file = read(tmp_path, f"{WORDS} 3,042.5\n\n{heading}\n\nThey were 6.")
    assert " ".join(file.text.split()) == f"{WORDS} 3,042.5 2. Complaints They were 6."
