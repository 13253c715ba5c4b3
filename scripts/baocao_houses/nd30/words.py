"""Numbers, constants and plain opposites in Vietnamese administrative text."""

from __future__ import annotations

import re

from baocao.project.house import Changes, Citing, Constants, Meaning, Numbers

NUMBERS = Numbers(
    group=".",
    point=",",
    pad=2,
    undefined="không phát sinh",
    without_base="không tính được",
    changes=Changes(
        rose="tăng",
        fell="giảm",
        same="không đổi",
        points="điểm phần trăm",
        unknown="chưa có số liệu để so sánh",
        from_nothing="không so sánh được do kỳ so sánh không phát sinh",
    ),
    percent={"%": "%", "‰": "‰", "phần trăm": "%", "phần nghìn": "‰"},
    times={
        "nghìn": "nghìn",
        "ngàn": "nghìn",
        "vạn": "vạn",
        "triệu": "triệu",
        "tỷ": "tỷ",
        "tỉ": "tỷ",
    },
    money={"đồng": 1, "nghìn đồng": 10**3, "triệu đồng": 10**6, "tỷ đồng": 10**9},
    bounds=(
        "hơn",
        "gần",
        "dưới",
        "chưa đến",
        "chưa tới",
        "không quá",
        "không đến",
        "không dưới",
        "tối đa",
        "tối thiểu",
        "ít nhất",
        "nhiều nhất",
        "khoảng",
        "xấp xỉ",
    ),
    minus=("âm",),
)

SYMBOL = (
    r"(?<![\w.,/-])\d+(?:\.\d+)?(?:/\d{4})?[/-](?:[A-ZĐƯ][A-Za-zĐĂÂÊÔƠƯđăâêôơư]*)(?:[-/][A-ZĐƯ][\wĐĂÂÊÔƠƯ]*)*"
)

CONSTANTS = Constants(
    symbol=re.compile(SYMBOL),
    legal=re.compile(
        r"(?<!\w)(?<!danh )(?:khoản|điểm|điều|chương|mục|phụ lục)\s+\d{1,3}(?![\d.])"
        r"(?:\s*(?:,|và|đến|-)\s*(?:(?:khoản|điều)\s+)?\d{1,2}(?![\d.]))*",
        re.IGNORECASE,
    ),
    # The levels of government, a street number: no counts of a report.
    names=re.compile(r"\d+\s+cấp\b|\b[Ss]ố\s+\d+,?\s+(?:đường\s+|phố\s+)?(?=[A-ZĐÂĂÊÔƠƯ]\w*\s+[A-ZĐÂĂÊÔƠƯ])"),
    measures=("nghìn", "triệu", "tỷ", "đồng", "phần trăm", "lần", "lượt", "người"),
    captions=("Bảng", "Hình", "Biểu", "Biểu đồ", "Phụ lục"),
    # Decree 30/2020, appendix I: who keeps it in how many copies, when it was signed.
    filled_in=re.compile(r"(?<!\w)(?:Lưu\s*:[^|.;]*|(?:Ngày|Thời gian) ký\s*:[\d\s:./+-]*)", re.IGNORECASE),
)

MEANING = Meaning(
    opposites=(
        ("tăng", "giảm"),
        ("trước hạn", "quá hạn"),
        ("đúng hạn", "quá hạn"),
        ("trong hạn", "quá hạn"),
        ("trực tuyến", "trực tiếp"),
        ("toàn bộ", "một phần"),
        ("toàn trình", "một phần"),
        ("trong kỳ", "kỳ trước"),
        ("đã", "chưa"),
        ("đã", "đang"),
        ("cao", "thấp"),
        ("nhiều", "ít"),
        ("trên", "dưới"),
        ("trước", "sau"),
        ("vượt", "hụt"),
        ("thu", "chi"),
        ("nhập khẩu", "xuất khẩu"),
        ("đầu", "cuối"),
        ("cấp tỉnh", "cấp xã"),
        ("ban hành", "bãi bỏ"),
        ("thành lập", "giải thể"),
        ("bổ nhiệm", "miễn nhiệm"),
        ("đồng ý", "từ chối"),
    ),
    negations=frozenset({"không", "chưa", "chẳng"}),
    beside=frozenset({"đã", "có", "được", "bị", "phải", "còn", "hề"}),
    joints=("và", "đến", "hoặc"),
    vague=frozenset({"trường hợp", "văn bản", "nội dung", "đơn vị", "lượt", "điểm"}),
    verbs=("là", "đạt", "gồm", "có", "chiếm", "bằng", "thêm", "lên"),
    measure=re.compile(r"đơn vị(?: tính)?:\s*([^)]+)", re.IGNORECASE),
    units=frozenset(
        {
            "thủ tục",
            "thủ tục hành chính",
            "phút",
            "giờ",
            "ngày",
            "tuần",
            "tháng",
            "quý",
            "năm",
            "đồng",
            "usd",
            "đô la",
            "euro",
            "km",
            "ha",
            "héc-ta",
            "kg",
            "tấn",
            "tạ",
            "người",
            "hộ",
            "điểm phần trăm",
        }
    ),
)

CITING = Citing(
    number=" số {}",
    day=" ngày {}",
    issuer=" của {}",
    date_only="ngày {}",
    day_behind=re.compile(
        r"\s*,?\s*ngày\s+(?P<day>\d{1,2})(?:/|\s+tháng\s+)(?P<month>\d{1,2})(?:/|\s+năm\s+)(?P<year>\d{4})"
    ),
    plan=re.compile(r"^(?:(?:về việc )?(?:ban hành|phê duyệt) )?kế hoạch\b"),
    year=re.compile(r"(?<!\w)năm\s+(\d{4})(?!\d)", re.IGNORECASE),
    years=re.compile(r"\d{4}\s*(?:-|–|đến|,|và(?: năm)?)\s*\d{4}"),
    head=re.compile(r"^chủ tịch\s+"),
)
