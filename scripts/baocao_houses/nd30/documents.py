"""Head, closing and layout of a document (Decree 30/2020, Annex I)."""

from __future__ import annotations

from pathlib import Path

from baocao.project.house import Annexes, Document, Facts, HeadEntry, Layout, Letters
from baocao_houses.nd30.periods import format_long_day

BLANK = "\N{NO-BREAK SPACE}" * 8  # filled in by hand when the report is issued


def make_head(facts: Facts) -> list[HeadEntry]:
    """List the metadata of head and closing, in the order in which the template's author reads them."""
    day = facts.issued_on
    issued = format_long_day(day) if day else f"ngày{BLANK}tháng{BLANK}năm {facts.period.end.year}"
    return [
        HeadEntry("title", f"Báo cáo {facts.title[0].lower()}{facts.title[1:]}"),
        HeadEntry("lang", "vi"),
        HeadEntry("nd30-co-quan", facts.issuer),
        HeadEntry("nd30-so", f"Số: {facts.number or BLANK}/{facts.symbol}"),
        HeadEntry("nd30-noi-ngay", f"{facts.place}, {issued}", source="params"),
        HeadEntry("nd30-ten-loai", "BÁO CÁO"),
        HeadEntry("nd30-trich-yeu", facts.title, source="params/reports.yaml"),
        HeadEntry("nd30-kinh-gui", facts.recipient),
        HeadEntry("nd30-noi-nhan", tuple(line.replace(", .", ".") for line in facts.copies)),
        HeadEntry("nd30-chu-ky", facts.signature),
        HeadEntry("nd30-nguoi-ky", facts.signer),
    ]


def label_annex(number: int, count: int) -> str:
    """
    Return what an annex is called (Decree 30/2020, Annex I, III.1): two or more bear roman numbers.

    Examples
    --------
    >>> label_annex(1, 1), label_annex(4, 14)
    ('Phụ lục', 'Phụ lục IV')
    """
    tens, ones = divmod(number, 10)
    roman = "X" * tens + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[ones]
    return f"Phụ lục {roman}" if count > 1 else "Phụ lục"


def format_attached(facts: Facts) -> str:
    """Say which document an annex belongs to (Decree 30/2020, Annex I, III.1)."""
    day = facts.issued_on
    issued = format_long_day(day) if day else f"ngày{BLANK}tháng{BLANK}năm {facts.period.end.year}"
    of = f" của {spell_issuer(facts)}" if facts.issuer else ""
    return f"(Kèm theo Báo cáo số {facts.number or BLANK}/{facts.symbol} {issued}{of})"


def spell_issuer(facts: Facts) -> str:
    """
    Write who issues a document as in running text: its head has it in capitals.

    Examples
    --------
    >>> facts = Facts("", ("ỦY BAN NHÂN DÂN", "TỈNH A"), None, "", "", "", None, (), (), (), "", "tỉnh A")
    >>> spell_issuer(facts)
    'Ủy ban nhân dân tỉnh A'
    """
    lines = [
        facts.place_name if line.casefold() == facts.place_name.casefold() else line.capitalize()
        for line in facts.issuer
    ]
    return " ".join(lines)


DOCUMENT = Document(
    kind="Báo cáo",
    annexes=Annexes(
        label=label_annex,
        attached=format_attached,
        sources="Nguồn số liệu",
        columns=(
            "Ô",
            "Mã vị trí",
            "Mã số liệu",
            "Nội dung",
            "Số liệu",
            "Đơn vị tính",
            "Cách tính",
            "Tính từ",
            "Số ô nguồn",
            "Vị trí ô nguồn",
        ),
        note="Nguồn của từng con số trong các phụ lục. Mã nhận dạng: {hash}",
    ),
    table="Bảng",
    chart="Hình",
    opening="dau",
    closing="cuoi",
    head=make_head,
    before=(
        "nd30-chu-quan",
        "nd30-co-quan",
        "nd30-so",
        "nd30-noi-ngay",
        "nd30-ten-loai",
        "nd30-trich-yeu",
        "nd30-kinh-gui",
    ),
    after=("nd30-noi-nhan", "nd30-chu-ky", "nd30-nguoi-ky"),
    prefix="nd30-",
    treated={
        "exclude": "không tổng hợp số liệu của {unit} ({why})",
        "zero": "các chỉ tiêu {unit} để trống được tổng hợp là không phát sinh ({why})",
        "previous": "số liệu của {unit} tạm lấy theo báo cáo kỳ trước đối với các biểu có ở kỳ trước ({why})",
        "use": "số liệu của {unit} lấy theo bản được xác định là bản chính thức ({why})",
        "accept": "số liệu của {unit} được giữ nguyên theo báo cáo đã gửi ({why})",
        "take": "có số liệu của {unit} được lấy theo xác nhận, khác với nội dung ghi trong biểu đã gửi ({why})",
    },
    treatments="Khi tổng hợp, số liệu của một số đơn vị được xử lý như sau: {units}.",
)


def make_letter_head(addressee: str, about: str, facts: Facts) -> list[HeadEntry]:
    """List the metadata of an official letter: it has no kind, and says below its number what it is about."""
    kept = {"nd30-co-quan", "nd30-noi-ngay", "nd30-chu-ky", "nd30-nguoi-ky", "lang"}
    return [
        HeadEntry("title", about),
        *(entry for entry in make_head(facts) if entry.key in kept),
        HeadEntry("nd30-so", f"Số: {facts.number or BLANK}/{facts.symbol}"),
        HeadEntry("nd30-ve-viec", f"V/v {about}"),
        HeadEntry("nd30-kinh-gui", (addressee,)),
        HeadEntry("nd30-noi-nhan", ("Như trên;", "Lưu: VT.")),
    ]


LETTERS = Letters(
    head=make_letter_head,
    symbol="UBND-VP",
    files=("cong-van", "nhac-gui-bao-cao"),
    about_return="hoàn chỉnh số liệu báo cáo {period}",
    about_reminder="gửi báo cáo {period}",
    returned=(
        "Qua kiểm tra báo cáo {period} của {unit}{came}, còn {count} nội dung chưa bảo đảm theo biểu mẫu, "
        "chưa đủ điều kiện tổng hợp. Các ô cần hoàn chỉnh được đánh dấu, kèm ghi chú, trong tệp gửi lại; cụ thể như sau:"
    ),
    doubted=(
        "Báo cáo {period} của {unit}{came} đã được tổng hợp. Qua kiểm tra, có {count} nội dung cần đơn vị rà soát; các ô "
        "liên quan được đánh dấu, kèm ghi chú, trong tệp gửi lại; cụ thể như sau:"
    ),
    came=" (nhận ngày {day})",
    columns=("STT", "Vị trí", "Nội dung đang ghi", "Yêu cầu hoàn chỉnh"),
    where="Trang {sheet}: {cells}",
    whole="Tệp báo cáo",
    closing=(
        "Đề nghị {unit} hoàn chỉnh các ô nêu trên ngay trong tệp của đơn vị, giữ nguyên các nội dung khác và gửi lại "
        "{deadline} để kịp thời tổng hợp./."
    ),
    confirming=(
        "Đề nghị {unit} rà soát các ô nêu trên; ô chưa đúng thì sửa ngay trong tệp của đơn vị và gửi lại, số liệu đã đúng "
        "thì trả lời xác nhận, {deadline}./."
    ),
    reminded=(
        "Đến nay, {unit} chưa gửi báo cáo {period}.\n\n"
        "Đề nghị {unit} điền đầy đủ số liệu vào biểu mẫu đã nhận và gửi {deadline} để kịp thời tổng hợp, báo cáo theo "
        "quy định./."
    ),
    at_once="trong thời gian sớm nhất",
    by="trước ngày {day}",
)
LAYOUT = Layout(name="nd30", folder=Path(__file__).with_name("extension"))
