"""The parts that notebooks wrote, put together to one document: Pandoc Markdown, each mention a span with its id."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from baocao.documents.numerals import Context, Recogniser, make_recogniser
from baocao.project.findings import Finding
from baocao.project.folder import Project
from baocao.project.models import PeriodParams, Treatment
from baocao.project.periods import Period, format_long_date, format_words
from baocao.project.reports import ReportSpec, SectionSpec
from baocao.reading.tables import Tables
from baocao.sections.narratives import read_narrative
from baocao.sections.notebooks import read_parts
from baocao.sections.outputs import escape_markdown
from baocao.tracing.record import Chart, CitationMention, Mention, Stitched, hash_stitched, two_values
from baocao.values.citations import Citation
from baocao.values.value import print_decimal

PICTURES = "hinh"
_SPAN = re.compile(r'\[((?:\\.|[^\[\]\\])*)\]\{\.(so|vb) ([vc])="((?:\\.|[^"\\])*)"\}')
_ESCAPED = re.compile(r"\\([^\w\s])")
_POINT = re.compile(r"^(?:#+\s+)?\**([a-zđ])\)\s")
_SUBSECTION = re.compile(r"^(?:#+\s+)?\**(\d+\.\d+)\.\s")
_HEADING = re.compile(r"^(#+)\s+(.*?)(?:\s+\{[^}]*\})?$", re.DOTALL)
# Stands for a span while the text around it is read.
_BLANK = "\N{NO-BREAK SPACE}" * 8  # filled in by hand when the report is issued
_HOLE = "\N{OBJECT REPLACEMENT CHARACTER}"


def stitch(
    project: Project, period: Period, report: str, executed: Mapping[str, Path], tables: Tables
) -> Stitched:
    """
    Put a report together.

    Parameters
    ----------
    executed
        For each notebook, ``kstthc/07-ho-so``, the executed one.

    Raises
    ------
    NotebookError, UsageError
        A notebook wrote nothing, or the opening or closing text is missing.
    """
    spec = project.params.report(report)
    stitcher = _Stitcher(report, make_recogniser(project, period, tables), period)
    opening = project.raw(period) / "loi-van" / report
    stitcher.prose(
        read_narrative(opening / "00.md", f"loi-van/{report}/00.md"), "dau", f"loi-van/{report}/00.md"
    )
    note = print_treatments(project, tables.treated)
    if note:
        stitcher.prose(note, "dau", f"params/{period}.yaml")
    for section in spec.sections:
        stitcher.heading(section, period, project.params.place.name)
        for point in section.parts:
            name = spec.locate(point.notebook)
            if point.heading:
                stitcher.prose(point.heading, section.key, "params/reports.yaml")
            for part in read_parts(executed[name]):
                stitcher.part(part, section, name)
    stitcher.prose(
        read_narrative(opening / "99.md", f"loi-van/{report}/99.md"), "cuoi", f"loi-van/{report}/99.md"
    )
    stitched = stitcher.done
    head = _head(project, spec, period, project.params.period(period), stitcher)
    head["trace-hash"] = hash_stitched(stitched)
    front = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=10**6)
    stitched.text = f"---\n{front}---\n\n" + "\n\n".join(stitcher.out) + "\n"
    return stitched


def print_treatments(project: Project, treated: Mapping[str, Treatment]) -> str:
    """
    Say in the report how unusable submissions were treated, unit by unit.

    Returns
    -------
    str
        Markdown; empty where nothing was treated.
    """
    sentences = []
    for code, treatment in treated.items():
        unit = project.params.units.get(code)
        name = escape_markdown(unit.name if unit else project.params.offices.get(code, code))
        sentences.append(_TREATED[treatment.action].format(unit=name, why=escape_markdown(treatment.why)))
    return f"Về số liệu của một số đơn vị: {'; '.join(sentences)}." if sentences else ""


_TREATED = {
    "exclude": "{unit} không được tổng hợp số liệu trong kỳ này ({why})",
    "zero": "các chỉ tiêu {unit} để trống được tính là không phát sinh ({why})",
    "previous": "số liệu của {unit} được tạm lấy theo báo cáo kỳ trước, nơi kỳ trước có cùng biểu ({why})",
    "use": "số liệu của {unit} lấy theo báo cáo được xác định là bản chính thức ({why})",
}


def _head(
    project: Project, spec: ReportSpec, period: Period, params: PeriodParams, stitcher: _Stitcher
) -> dict[str, Any]:
    place = project.params.place
    report = spec.name
    number = params.number.get(report, "")
    title = format_words(spec.title, period, place.name)
    drafter = params.drafter.get(report, "")
    copies = [format_words(line, period, place.name, drafter) for line in spec.copies]
    day = params.issued_on.get(report)
    issued = format_long_date(day) if day else f"ngày{_BLANK}tháng{_BLANK}năm {period.end.year}"
    return {
        "title": f"Báo cáo {title[0].lower()}{title[1:]}",
        "lang": "vi",
        "nd30-co-quan": list(place.issuer),
        "nd30-so": f"Số: {number or _BLANK}/{spec.symbol}",
        "nd30-noi-ngay": stitcher.tag(f"{place.short}, {issued}", "dau", "params", "body"),
        "nd30-ten-loai": "BÁO CÁO",
        "nd30-trich-yeu": stitcher.tag(title, "dau", "params/reports.yaml", "body"),
        "nd30-kinh-gui": list(spec.recipient),
        "nd30-noi-nhan": [line.replace(", .", ".") for line in copies],
        "nd30-chu-ky": list(spec.signature),
        "nd30-nguoi-ky": params.signer,
        "trace-file": f"{report}.trace.json",
    }


class _Stitcher:
    def __init__(self, report: str, recogniser: Recogniser, period: Period) -> None:
        self.recogniser = recogniser
        self.period = period
        self.done = Stitched(report)
        self.out: list[str] = []
        self._numbers: dict[str, int] = {}
        self._counts = {"Bảng": 0, "Hình": 0}
        self._owner: dict[str, str] = {}
        self._key = ""

    def heading(self, section: SectionSpec, period: Period, place: str) -> None:
        level = section.key.count(".") + 1
        text = self.tag(
            format_words(section.heading, period, place), section.key, "params/reports.yaml", "heading"
        )
        self.out.append(f"{'#' * level} {text} {{#{self.done.report}_{_slug(section.key)}}}")
        self._key = section.key

    def part(self, part: dict[str, Any], section: SectionSpec, name: str) -> None:
        """Take over what one output of a notebook wrote."""
        where = f"notebooks/{name}.ipynb, cell {part['cell'] + 1}"
        for key, node in part["values"].items():
            self._merge(key, node, section)
        self.done.blocks.update(part["blocks"])
        if part["kind"] == "prose":
            self.prose(part["markdown"], section.key, where)
        elif part["kind"] == "table":
            self._table(part, where)
        else:
            self._chart(part, where)

    def prose(self, markdown: str, key: str, where: str) -> None:
        """Take over paragraphs; a point ``a)`` or a number ``6.1.`` opens a subsection."""
        if not self._key.startswith(key):
            self._key = key
        for paragraph in re.split(r"\n\s*\n", markdown.strip()):
            point, sub = _POINT.match(paragraph), _SUBSECTION.match(paragraph)
            if sub:
                self._key = f"{key.partition('.')[0]}.{sub[1]}"
            elif point:
                self._key = f"{key}.{point[1]}"
            heading = _HEADING.match(paragraph)
            if heading:
                text = self.tag(heading[2], self._key, where, "heading")
                self.out.append(f"{heading[1]} {text} {{#{self.done.report}_{_slug(self._key)}}}")
            else:
                self.out.append(self.tag(paragraph, self._key, where, "body"))

    def tag(self, markdown: str, key: str, where: str, context: Context) -> str:
        """Give spans their ids, mark the citations of a plain text, report what is untraced."""
        spans = list(_SPAN.finditer(markdown))
        plain = _SPAN.sub(_HOLE, markdown)
        says = _plain(_SPAN.sub(lambda match: match[1], markdown))
        marks: list[tuple[int, int, str]] = []
        seen: set[tuple[int, int]] = set()
        for numeral in self.recogniser.find(plain, context):
            if numeral.citation is not None:
                item = next(
                    c for c in self.recogniser.documents.find(plain) if c.start <= numeral.start < c.end
                )
                if (item.start, item.end) not in seen:
                    seen.add((item.start, item.end))
                    marks.append(
                        (item.start, item.end, self._cite(plain[item.start : item.end], item.citation, key))
                    )
            elif numeral.kind is None:
                self._untraced(numeral.text, says, key, where)
        pieces, at, hole = [], 0, iter(spans)
        for start, end, text in sorted(
            [*marks, *((m.start(), m.end(), "") for m in re.finditer(_HOLE, plain))]
        ):
            pieces.append(plain[at:start])
            pieces.append(text or self._span(next(hole), key, says))
            at = end
        return "".join([*pieces, plain[at:]])

    def _span(self, match: re.Match[str], key: str, says: str) -> str:
        text, kind, _, reference = match.groups()
        if kind == "vb":
            cells = _plain(reference).split(";")
            return self._put_citation(_plain(text), text, cells, key)
        mention = Mention(self._name("m", key), self.done.report, key, reference, _plain(text), says)
        self.done.mentions.append(mention)
        number = self.done.values[reference]["number"]
        decimal = "" if number is None else print_decimal(Fraction(number))
        return f'[{text}]{{#{mention.id} .so v="{reference}" n="{decimal}"}}'

    def _cite(self, text: str, citation: Citation, key: str) -> str:
        return self._put_citation(text, text, [str(ref) for ref in citation.cells], key)

    def _put_citation(self, printed: str, markdown: str, cells: Iterable[str], key: str) -> str:
        mention = CitationMention(self._name("c", key), self.done.report, key, printed, tuple(cells))
        self.done.citations.append(mention)
        return f"[{markdown}]{{#{mention.id} .vb}}"

    def _name(self, kind: str, key: str) -> str:
        stem = f"{kind}_{self.done.report}_{_slug(key)}"
        self._numbers[stem] = self._numbers.get(stem, 0) + 1
        return f"{stem}_{self._numbers[stem]:02d}"

    def _untraced(self, numeral: str, says: str, key: str, where: str) -> None:
        self.done.findings.append(
            Finding(
                "untraced",
                "error",
                f"số {numeral!r} ở mục {key} của báo cáo {self.done.report} không truy được về ô nào: «{_shorten(says, numeral)}»",
                cells=(where,),
                expected="giá trị, trích dẫn văn bản trong sổ văn bản, hoặc hằng số đã khai báo",
                got=numeral,
                action="Thay bằng {id} hoặc giá trị của mục; nếu là tên riêng, khai báo ở 'names' trong params.",
            )
        )

    def _merge(self, key: str, node: dict[str, Any], section: SectionSpec) -> None:
        known = self.done.values.setdefault(key, node)
        self._owner.setdefault(key, section.key)
        if known["number"] != node["number"] or known["unit"] != node["unit"]:
            self.done.findings.append(two_values(key, known, node, self._owner[key], section.key))

    def _table(self, part: dict[str, Any], where: str) -> None:
        self._counts["Bảng"] += 1
        caption = self.tag(f"Bảng {self._counts['Bảng']}. {part['caption']}", self._key, where, "caption")
        lines = []
        for number, line in enumerate(part["markdown"].split("\n")):
            if number == 1:
                lines.append(line)
                continue
            cells = re.split(r"(?<!\\)\|", line)[1:-1]
            tagged = []
            for index, cell in enumerate(cells):
                context: Context = "row" if part["numbered"] and index == 0 and number else "cell"
                tagged.append(self.tag(cell, self._key, where, context))
            lines.append("|" + "|".join(tagged) + "|")
        widths = ",".join(str(width) for width in part["widths"])
        # Many columns leave words no room at the usual size.
        small = ' kieu="nho"' if len(part["widths"]) > 6 else ""
        table = [f'::: {{.bang #{part["id"]} cot="{widths}"{small}}}', caption, "", *lines, ":::"]
        if part["wide"]:
            table = [":::: {.ngang}", *table, "::::"]
        self.out.append("\n".join(table))

    def _chart(self, part: dict[str, Any], where: str) -> None:
        self._counts["Hình"] += 1
        caption = self.tag(f"Hình {self._counts['Hình']}. {part['caption']}", self._key, where, "caption")
        file = f"{PICTURES}/{part['id']}"
        self.done.pictures[f"{file}.png"] = base64.b64decode(part["image/png"])
        svg = part["image/svg+xml"]
        self.done.pictures[f"{file}.svg"] = (svg if isinstance(svg, str) else "".join(svg)).encode()
        alt = _plain(_SPAN.sub(lambda match: match[1], part["alt"]))
        # Said aloud and not printed, so its numbers are no mentions; but they must be values all the same.
        for numeral in self.recogniser.find(_SPAN.sub(_HOLE, part["alt"])):
            if numeral.kind is None:
                self._untraced(numeral.text, alt, self._key, where)
        marks = tuple((series, label, value) for series, label, value in part["marks"])
        self.done.charts.append(Chart(part["id"], self.done.report, self._key, _plain(caption), marks))
        self.out.append(
            f'::: {{.hinh #{part["id"]} rong="160mm"}}\n![{escape_markdown(alt)}]({file})\n\n{caption}\n:::'
        )


def _slug(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower().replace("đ", "dd"))


def _plain(markdown: str) -> str:
    return _ESCAPED.sub(r"\1", markdown)


def _shorten(text: str, around: str, width: int = 60) -> str:
    at = max(0, text.find(around))
    head, tail = max(0, at - width), at + len(around) + width
    return ("…" if head else "") + " ".join(text[head:tail].split()) + ("…" if tail < len(text) else "")
