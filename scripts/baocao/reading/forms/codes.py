"""
Every code of a finding about submissions, with its severity and its sentence.

The codes are stable: scripts may compare them. The sentence goes back to the
unit, hence in Vietnamese; where, expected, got and what to do stand beside it
in the finding. A damage gives one finding: the checks that would only repeat
it (sums over an unreadable cell, sheets of an unreadable file) stay silent.
"""

from __future__ import annotations

from typing import NamedTuple

from baocao.project.findings import Finding, Severity
from baocao.project.language import N_, _


class Code(NamedTuple):
    """How grave a code is, and the sentence of its finding."""

    severity: Severity
    message: str


CODES: dict[str, Code] = {
    # the folder
    "missing-submission": Code("error", "Chưa nhận được báo cáo của đơn vị"),
    "second-submission": Code("error", "Đơn vị có nhiều hơn một tệp báo cáo"),
    "unknown-unit": Code("error", "Tên tệp không ứng với đơn vị nào trong danh sách"),
    "ended-unit": Code("error", N_("The unit does not report for this period")),
    "bad-file-name": Code("error", "Tên tệp chứa ký tự không dùng được"),
    "stray-file": Code("warning", "Tệp không thuộc bộ báo cáo nên không được đọc"),
    "wrong-extension": Code("warning", "Đuôi tên tệp không phải .xlsx"),
    "linked-file": Code("warning", "Tệp là liên kết đến tệp khác, không phải bản nhận được"),
    # the file
    "unreadable-file": Code("error", "Không mở được tệp"),
    "empty-file": Code("error", "Tệp rỗng (0 byte)"),
    "too-large": Code("error", "Tệp quá lớn so với một biểu báo cáo"),
    "old-xls": Code("error", "Tệp theo định dạng Excel cũ (.xls)"),
    "encrypted": Code("error", "Tệp được bảo vệ bằng mật khẩu"),
    "html": Code("error", "Tệp là trang HTML hoặc XML, không phải sổ tính Excel"),
    "not-a-workbook": Code("error", "Tệp không phải sổ tính Excel"),
    "open-document": Code("error", "Tệp theo định dạng OpenDocument (.ods)"),
    "binary-workbook": Code("error", "Tệp theo định dạng Excel nhị phân (.xlsb)"),
    "macro-workbook": Code("error", "Tệp chứa macro (.xlsm)"),
    "truncated": Code("error", "Tệp bị cắt cụt, thiếu phần cuối"),
    "damaged": Code("error", "Tệp bị hỏng"),
    "zip-bomb": Code("error", "Tệp phình to bất thường khi giải nén"),
    "xml-doctype": Code("error", "Tệp chứa khai báo DOCTYPE, không an toàn để đọc"),
    "far-cell": Code("error", "Có ô nằm quá xa vùng số liệu"),
    "giant-text": Code("error", "Có ô chứa văn bản quá dài"),
    "too-many-cells": Code("error", "Trang tính có quá nhiều ô"),
    "parser-failed": Code("error", "Đọc tệp quá thời gian hoặc quá bộ nhớ cho phép"),
    # the sheet
    "missing-sheet": Code("error", "Thiếu trang tính của biểu"),
    "hidden-sheet": Code("error", "Trang tính của biểu bị ẩn"),
    "hidden-extra-sheet": Code("warning", "Có trang tính ẩn ngoài biểu mẫu, không được đọc"),
    "empty-sheet": Code("error", "Trang tính của biểu không có nội dung"),
    "wrong-columns": Code("error", "Tiêu đề cột không đúng biểu mẫu"),
    "wrong-period": Code("error", "Sai kỳ báo cáo"),
    "wrong-unit": Code("error", "Sai mã đơn vị báo cáo"),
    "wrong-form": Code("error", "Biểu gửi về không phải mẫu hoặc phiên bản đang dùng"),
    "no-total": Code("error", "Không tìm thấy dòng tổng số"),
    "no-rows": Code("error", "Biểu không có dòng số liệu nào"),
    "empty-register": Code("warning", "Sổ không có dòng nào trong kỳ"),
    "blank-row": Code("error", "Có dòng trống trong vùng số liệu"),
    "hidden-rows": Code("error", "Có dòng bị ẩn trong vùng số liệu"),
    "hidden-columns": Code("error", "Có cột bị ẩn trong vùng số liệu"),
    "merged-cells": Code("error", "Có ô bị gộp trong vùng số liệu"),
    "outside-number": Code("error", "Có số liệu nằm ngoài vùng của biểu"),
    "outside-text": Code("warning", "Có ghi chú nằm ngoài các cột của biểu, không được đọc"),
    # the cell
    "blank": Code("error", "Ô bị bỏ trống"),
    "dash": Code("error", "Ô ghi dấu gạch thay cho số"),
    "text-number": Code("error", "Số được nhập dưới dạng văn bản"),
    "not-a-number": Code("error", "Ô phải là số nhưng chứa nội dung khác"),
    "error-value": Code("error", "Ô chứa giá trị lỗi của Excel"),
    "formula-no-result": Code("error", "Ô có công thức nhưng tệp không lưu kết quả"),
    "negative": Code("error", "Số âm"),
    "not-whole": Code("error", "Số đếm có phần thập phân"),
    "text-date": Code("error", "Ngày được nhập dưới dạng văn bản"),
    "not-a-date": Code("error", "Ô phải là ngày nhưng chứa nội dung khác"),
    "not-a-choice": Code("error", "Nội dung không thuộc danh mục lựa chọn"),
    "not-text": Code("error", "Ô phải là chữ nhưng chứa nội dung khác"),
    "duplicate-key": Code("error", "Có hai dòng trùng nhau"),
    "unknown-indicator": Code("error", "Mã chỉ tiêu không có trong biểu"),
    "missing-indicator": Code("error", "Thiếu dòng chỉ tiêu"),
    "indicator-not-asked": Code("warning", "Chỉ tiêu không yêu cầu đơn vị này báo cáo, không được tính"),
    "wrong-measure": Code("error", "Sai đơn vị tính"),
    "changed-label": Code("warning", "Tên chỉ tiêu khác biểu mẫu"),
    # the numbers
    "sum-mismatch": Code("error", "Các cột trong dòng không khớp nhau"),
    "total-mismatch": Code("error", "Dòng tổng số khác tổng các dòng"),
    "total-unreadable": Code("warning", "Không so sánh được dòng tổng số"),
    "carried-over": Code("error", "Số từ kỳ trước chuyển sang khác số đang giải quyết cuối kỳ trước"),
    # what the sender sees
    "shown-differently": Code("error", N_("The cell shows another number than the one stored in it")),
    "shown-rounded": Code("warning", N_("The cell shows fewer decimals than are stored in it")),
    "not-shown": Code("error", N_("The cell holds a number that nobody can see")),
    "formula-outside": Code("warning", N_("The number comes from another workbook; its trace ends here")),
    "formula-volatile": Code("error", N_("The formula gives another result whenever the file is opened")),
    # rows that are no items
    "subtotal-row": Code("warning", N_("A row of sums stands among the items; it is not counted")),
    "subtotal-mismatch": Code(
        "error", N_("A row of sums stands among the items and is not the sum of its rows")
    ),
    "heading-row": Code("warning", N_("A heading stands among the items; it is not counted")),
    "part-row": Code("error", N_("A row that is part of another row would be counted twice")),
    "sum-of-rows": Code("error", N_("A row equals the sum of the rows beside it and would be counted twice")),
    "missing-row": Code("error", N_("A row that the form must have is missing")),
    "unknown-row": Code("warning", N_("The form does not know this row; no report prints it")),
    # the entries of one row against each other
    "above-limit": Code("error", N_("A part is larger than its whole")),
    "state-contradicts-date": Code("error", N_("The state and the date of a row contradict each other")),
    "out-of-bounds": Code("error", N_("The number is outside what is possible")),
    # entries against other forms and lists
    "unknown-key": Code("error", N_("The entry is not found where it must stand")),
    "unknown-name": Code("warning", N_("No unit and no office has this name")),
    "missing-key": Code("error", N_("An item is missing from the list")),
    "wrong-unit-data": Code("error", N_("The row does not agree with the list of units")),
    # entries against the period before
    "fallen": Code("error", N_("A figure that can only grow is below that of the period before")),
    "thousandfold": Code(
        "warning", N_("The number is hundreds of times that of the period before, or hundreds of times less")
    ),
    "same-as-before": Code("error", N_("The figures are those of the period before")),
    "counted-before": Code("error", N_("The item stood in the period before already")),
    "no-measure": Code("warning", N_("The head does not say in what the numbers are measured")),
    # the parameters of the period
    "treatment-partial": Code("warning", "Kỳ trước không có biểu để lấy số liệu thay thế"),
    "treatment-unneeded": Code("warning", "Tham số của kỳ xử lý một báo cáo vốn dùng được"),
}

CONTRADICTIONS = frozenset(
    {
        "sum-mismatch", "total-mismatch", "subtotal-mismatch", "carried-over", "formula-volatile",
        "above-limit", "state-contradicts-date", "out-of-bounds", "fallen", "same-as-before", "counted-before",
        "missing-key", "wrong-unit-data",
    }
)  # fmt: skip
"""Codes of numbers that can be read and cannot be right; ``accept`` lets them stand."""


def submission_finding(
    code: str,
    cells: tuple[str, ...],
    *,
    unit: str | None,
    expected: str,
    got: str,
    action: str,
) -> Finding:
    """
    Make the finding of a code.

    Examples
    --------
    >>> submission_finding("blank", ("a.xlsx#06a!D9",), unit="H01", expected="số nguyên",
    ...                    got="ô trống", action="Nhập số.").severity
    'error'
    """
    known = CODES[code]
    return Finding(
        code=code,
        severity=known.severity,
        message=_(known.message),
        unit=unit,
        cells=cells,
        expected=expected,
        got=got,
        action=action,
    )
