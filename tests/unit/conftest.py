"""Workbooks and projects made for the tests of reading, forms and tables."""

from __future__ import annotations

import functools
import io
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import yaml

from baocao.project.cells import column_index
from baocao.project.folder import Project
from baocao.project.forms import Form
from baocao.project.house import find_house
from baocao.project.periods import Period

REPOSITORY = Path(__file__).resolve().parents[2]
FORMS = REPOSITORY / "tests" / "data" / "forms.yaml"
PERIOD = Period(2026, 1)
FIELDS = (
    ("Đất đai", (10, 6, 1, 3, 7, 4, 2, 1, 3, 2, 1)),
    ("Hộ tịch", (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
    ("Chứng thực", (1234, 1000, 200, 34, 1200, 1100, 90, 10, 34, 30, 4)),
)
"""Three fields of form 06a: columns C to M, each row true to the form's sums."""

Edit = Callable[[dict[str, Any], Any], None]


class Books:
    """Makes workbooks in memory, faithful to the forms of ``tests/data/forms.yaml``."""

    def __init__(self) -> None:
        forms = yaml.safe_load(FORMS.read_text(encoding="utf-8"))["forms"]
        self.forms = {name: Form.model_validate({"name": name, **form}) for name, form in forms.items()}

    def unit(
        self,
        code: str = "H01",
        *,
        period: str = "Quý I năm 2026",
        fields: tuple[tuple[str, tuple[int, ...]], ...] = FIELDS,
        sheets: tuple[str, ...] = ("06a", "chi-tieu"),
        level: str = "so",
        edit: Edit | None = None,
    ) -> bytes:
        """A unit's workbook; ``edit`` gets the sheets by name and the book before it is closed."""
        stream = io.BytesIO()
        book = xlsxwriter.Workbook(stream)
        made: dict[str, Any] = {}
        for name in sheets:
            made[name] = book.add_worksheet(name)
            form = self.forms[name]
            self.head(made[name], book, form, code, period)
            if name == "06a":
                self.dossiers(made[name], fields)
            else:
                asked = [one for one in form.indicators if level in one.levels]
                for row, one in enumerate(asked, form.first_row - 1):
                    made[name].write_row(row, 0, [str(row), one.code, one.label, one.unit, 10 + row])
        if edit:
            edit(made, book)
        book.close()
        return stream.getvalue()

    def head(self, sheet: Any, book: Any, form: Form, code: str, period: str) -> None:
        header = form.header
        for address, text in (
            (header.period, period),
            (header.unit_code, code),  # which name belongs to it these books do not know
        ):
            if address:
                sheet.write_string(address, text)
        if form.label_rows:
            self.labels(sheet, book, form)
        else:
            for column in form.columns:
                sheet.write_string(form.label_row - 1, column_index(column.column), column.label)
        if form.number_row:
            for column in form.columns:
                sheet.write_number(form.number_row - 1, column_index(column.column), column.number)

    @staticmethod
    def labels(sheet: Any, book: Any, form: Form) -> None:
        """Labels of several rows, merged as on the printed form."""
        plain = book.add_format()
        top, bottom = form.label_rows[0] - 1, form.label_rows[-1] - 1
        parts = {column_index(column.column): column.label.split(" - ") for column in form.columns}
        for level in range(bottom - top + 1):
            index = 0
            while index < len(parts):
                label = parts[index][: level + 1]
                last = index
                while (
                    len(parts[index]) > level + 1
                    and last + 1 < len(parts)
                    and parts[last + 1][: level + 1] == label
                ):
                    last += 1
                if len(parts[index]) > level:
                    end = bottom if len(parts[index]) == level + 1 else top + level
                    if (top + level, index) == (end, last):
                        sheet.write_string(top + level, index, label[-1])
                    else:
                        sheet.merge_range(top + level, index, end, last, label[-1], plain)
                index = last + 1

    @staticmethod
    def dossiers(sheet: Any, fields: tuple[tuple[str, tuple[int, ...]], ...]) -> None:
        for row, (name, numbers) in enumerate(fields, 8):
            sheet.write_row(row, 0, [str(row - 7), name, *numbers])
        total = 8 + len(fields)
        sheet.write_string(total, 1, "Tổng số")
        for index in range(11):
            letter = "CDEFGHIJKLM"[index]
            stored = sum(numbers[index] for _, numbers in fields)
            sheet.write_formula(total, 2 + index, f"=SUM({letter}9:{letter}{total})", None, stored)
        sheet.write_string(total + 2, 1, "NGƯỜI LẬP BIỂU")

    def register(
        self,
        name: str,
        rows: list[list[Any]],
        code: str = "ttpvhcc",
        edit: Edit | None = None,
        period: str = "2026-Q1",
    ) -> bytes:
        """A workbook with one register."""
        return self.registers({name: rows}, code, edit, period)

    def registers(
        self,
        forms: dict[str, list[list[Any]]],
        code: str = "ttpvhcc",
        edit: Edit | None = None,
        period: str = "2026-Q1",
    ) -> bytes:
        stream = io.BytesIO()
        book = xlsxwriter.Workbook(stream, {"default_date_format": "dd/mm/yyyy"})
        made = {}
        for name, rows in forms.items():
            form = self.forms[name]
            made[name] = book.add_worksheet(form.sheet)
            self.head(made[name], book, form, code, period)
            for row, entries in enumerate(rows, form.first_row - 1):
                made[name].write_row(row, 0, entries)
        if edit:
            edit(made, book)
        book.close()
        return stream.getvalue()


def replace_part(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """Change one part of a workbook, as no program that writes workbooks would."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry.filename, change(content) if entry.filename == part else content)
    return stream.getvalue()


@pytest.fixture(scope="session")
def books() -> Books:
    return Books()


@pytest.fixture(scope="session")
def surgery() -> Callable[[bytes, str, Callable[[bytes], bytes]], bytes]:
    return replace_part


@functools.cache
def _small_params() -> dict[str, str]:
    """Return the params that are cut down to what a sandbox has, by name; reading YAML takes longer than most tests."""
    forms = yaml.safe_load(FORMS.read_text(encoding="utf-8"))["forms"]
    kept = {name: forms[name] for name in ("06a", "chi-tieu", "nganh-doc", "co-so", "van-ban")}
    report = {
        "title": "Kết quả",
        "recipient": [],
        "copies": [],
        "signature": [],
        "sections": [{"key": "I", "heading": "I."}],
    }
    made = {"forms.yaml": {"forms": kept}, "reports.yaml": {"kstthc": report}}
    return {name: yaml.safe_dump(content, allow_unicode=True) for name, content in made.items()}


@dataclass
class Sandbox:
    """A small project: units H01, H02, 10507; one office with one register; a register of documents."""

    root: Path
    books: Books
    project: Project = field(init=False)

    def __post_init__(self) -> None:
        params = self.root / "params"
        params.mkdir(parents=True)
        source = REPOSITORY / "params"
        for name in ("place.yaml", "indicators.yaml"):
            shutil.copy(source / name, params / name)
        (params / "units.csv").write_text(
            "code,name,type,level\nH01,Sở A,sở,so\nH02,Sở B,sở,so\n10507,Phường C,phường,xa\n",
            encoding="utf-8",
        )
        (params / "offices.csv").write_text("code,name\nttpvhcc,Trung tâm\n", encoding="utf-8")
        for name, text in _small_params().items():
            (params / name).write_text(text, encoding="utf-8")
        self.project = Project(self.root)

    def raw(self, file: str, data: bytes, period: Period = PERIOD) -> Path:
        path = self.project.raw(period) / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def fill(self, period: Period = PERIOD, *, archive: bool = False) -> None:
        """Put a good submission of everybody."""
        name = find_house("nd30").periods.label(period)
        for code, level in (("H01", "so"), ("H02", "so"), ("10507", "xa")):
            sheets = ("06a",) if archive else ("06a", "chi-tieu")
            self.raw(
                f"don-vi/{code}-x.xlsx",
                self.books.unit(code, level=level, period=name, sheets=sheets),
                period,
            )
        if not archive:
            for part in ("00", "99"):
                self.raw(f"loi-van/kstthc/{part}.md", b"x", period)
            self.raw("van-phong/ttpvhcc.xlsx", self.office(period), period)
            register = self.books.register(
                "van-ban", [["a", "Kế hoạch", "1/KH", None, "UBND", "x", None, None, "căn cứ"]], period=name
            )
            self.raw("van-ban.xlsx", register, period)

    def office(self, period: Period = PERIOD, edit: Edit | None = None) -> bytes:
        import datetime as dt

        day = dt.date(2025, 7, 1)
        forms = {
            "nganh-doc": [["thue", "Thuế", 219], ["bhxh", "BHXH", 25]],
            "co-so": [["Cơ sở 1", "18 Hoàng Diệu", day]],
        }
        return self.books.registers(forms, period=str(period), edit=edit)

    def treat(self, code: str, period: Period = PERIOD, **treatment: str) -> None:
        data = {"period": str(period), "treatments": {code: treatment}}
        path = self.root / "params" / f"{period}.yaml"
        path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
        self.project = Project(self.root)


@pytest.fixture
def sandbox(tmp_path: Path, books: Books) -> Sandbox:
    return Sandbox(tmp_path / "project", books)


@pytest.fixture(scope="session")
def make_sandbox(books: Books) -> Callable[[Path], Sandbox]:
    """Makes a sandbox that several tests share, and leave as it is."""
    return lambda root: Sandbox(root, books)


# -- keys -------------------------------------------------------------------------------------------

START = datetime(2020, 1, 1, tzinfo=UTC)


def _make_p12(name="Nguyễn Văn A", start=START, days=36500, password=None) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption, pkcs12
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "UBND")]
    )
    usage = x509.KeyUsage(True, True, False, False, False, True, True, False, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    locked = NoEncryption() if password is None else BestAvailableEncryption(password)
    return pkcs12.serialize_key_and_certificates(b"key", key, certificate, None, locked)


@pytest.fixture(scope="session")
def make_p12():
    """Return a maker of key files (PKCS #12)."""
    return _make_p12
