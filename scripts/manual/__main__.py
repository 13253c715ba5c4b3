"""``python -m manual [PAGE]...``: take the pictures of the manual anew, of all pages or of some."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from datetime import date
from importlib import resources
from pathlib import Path

import openpyxl
from PIL import Image

from baocao.intake.status import read_status
from baocao.project.folder import Project
from baocao.project.periods import parse_period
from baocao.project.temporary import temporary_folder
from baocao.reviewing.receiving import make_status_page
from manual.camera import picture_console, picture_document, save
from manual.offices import fill, take_few

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "hinh"
BEFORE, PERIOD = "2026-Q1", "2026-Q2"
DAY = "2026-06-17 09:00:00"
NEEDED = ("soffice", "chromium", "faketime", "git")
MOST_LINES = 24
NOTES = """deadline: 2026-06-18
deadlines: {so: 2026-06-16}
"""
CONTACTS = "code,contact\n10507,Văn phòng - máy lẻ 101\n10525,Văn phòng - máy lẻ 102\nH01,Phòng Tổng hợp - máy lẻ 201\n"


class Desk:
    """Somebody's home folder with a project in it, and what is typed there."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.project = home / "baocao"

    def run(self, command: str, most: int = MOST_LINES, *, last: bool = False) -> tuple[str, str]:
        """Run a command; return it with its answer, of which some lines are left out where there are many."""
        words = [
            str(self.home / word[2:]) if word.startswith("~/") else word for word in shlex.split(command)
        ]
        environment = {key: text for key, text in os.environ.items() if not key.startswith("BAOCAO_")}
        if (self.project / "scripts").is_dir():  # an edition is issued by the project's own code
            environment["PYTHONPATH"] = str(self.project / "scripts")
        done = subprocess.run(
            ["faketime", "-f", f"@{DAY}", sys.executable, "-m", *words],
            cwd=self.project, env={**environment, "HOME": str(self.home), "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        if done.returncode not in (0, 1):
            raise SystemExit(f"{command}: {done.returncode}\n{done.stdout}")
        print(command)
        lines = done.stdout.replace(str(self.home), "~").splitlines()
        if len(lines) > most:
            lines = ["…", *lines[-most:]] if last else [*lines[:most], "…"]
        return command, "\n".join(lines)

    def shoot(self, name: str, *commands: str, most: int = MOST_LINES, last: bool = False) -> None:
        """Take a picture of commands that are run one after the other."""
        picture_console(
            [self.run(command, most, last=last) for command in commands], PICTURES / f"{name}.svg"
        )


def show_intake(home: Path) -> None:
    """Take the pictures of a collector's quarter."""
    desk = Desk(home)
    take_few(ROOT, desk.project)
    came, ready = home / "thu-den", home / "gui-di"
    came.mkdir()
    (desk.project / "params/contacts.csv").write_text(CONTACTS, encoding="utf-8")
    desk.shoot("new", f"baocao new {PERIOD}")
    picture_document(
        desk.project / f"forms/{PERIOD}/don-vi/10507-phuong-thanh-dong.xlsx", PICTURES / "bieu-mau.png"
    )
    params = desk.project / f"params/{PERIOD}.yaml"
    params.write_text(params.read_text("utf-8") + NOTES, encoding="utf-8")

    def send(name: str, unit: str, **cells: object) -> Path:
        fill(desk.project, PERIOD, BEFORE, unit, came / name, **cells)
        return came / name

    send("BC quý II - Thành Đông (bản cuối).xlsx", "10507", D9="48")
    send("10525 gửi.xlsx", "10525", G10=5)
    send("Sở Nội vụ.xlsx", "H01")
    send("bieu 06a.xlsx", "H02", L4="06b.v1")
    shutil.copyfile(next((ROOT / f"data/raw/{BEFORE}/don-vi").glob("10532-*")), came / "báo cáo.xlsx")
    (came / "so-tai-chinh.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    desk.shoot("collect", f"baocao collect {PERIOD} ~/thu-den", most=40)
    desk.shoot("status", f"baocao status {PERIOD}")
    desk.shoot("return", f"baocao return {PERIOD} --to ~/gui-di")
    [folder] = ready.glob("10525-*")
    picture_document(next(folder.glob("*.xlsx")), PICTURES / "tep-tra-lai.png")
    picture_document(next(folder.glob("*.docx")), PICTURES / "cong-van.png")
    [letter] = next(ready.glob("10537-*")).glob("*.docx")
    picture_document(letter, PICTURES / "nhac.png")
    fill(desk.project, PERIOD, BEFORE, "10525", came / "10525 gửi lại.xlsx")
    sheet = openpyxl.load_workbook(came / "Sở Nội vụ.xlsx")["06a"]
    more = {"D9": sheet["D9"].value + 4, "C9": sheet["C9"].value + 4}
    send("Sở Nội vụ (1).xlsx", "H01", **more, H9=sheet["H9"].value + 4, G9=sheet["G9"].value + 4)
    desk.shoot("take", f"baocao collect {PERIOD} ~/thu-den", f"baocao collect {PERIOD} --take H01", most=14)
    cell = "don-vi/10507-phuong-thanh-dong.xlsx#06a!D9"
    desk.shoot(
        "treat", f"baocao treat {PERIOD} '{cell}' 48 --why 'xác nhận qua điện thoại' --who 'Họ và tên'"
    )
    _show_status(desk)


def _show_status(desk: Desk) -> None:
    os.environ["BAOCAO_LANG"] = "vi"
    project, period = Project(desk.project), parse_period(PERIOD)
    page = desk.home / "status.html"
    page.write_bytes(
        make_status_page(
            read_status(project, period, date.fromisoformat(DAY[:10])),
            label=project.house.periods.label(period),
            place=project.params.place.name,
        )
    )
    style = resources.files("baocao.reviewing").joinpath("assets", "review.css").read_bytes()
    (desk.home / "review.css").write_bytes(style)
    _shoot_page(page, PICTURES / "tinh-hinh.png", height=620)


def show_reports(home: Path) -> None:
    """Take the pictures of an analyst's, a reviewer's and an auditor's quarter, on the sample."""
    desk = Desk(home)
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", ROOT.as_uri(), desk.project], check=True)
    desk.shoot("check", f"baocao check {BEFORE}", most=12)
    desk.shoot("build", f"baocao build {BEFORE} --engine embedded", most=16, last=True)
    desk.shoot("trace", f"baocao trace {BEFORE} 142.186", most=20)
    made = desk.project / "reports" / BEFORE
    picture_document(made / "kstthc.pdf", PICTURES / "bao-cao.png", height=0.6)
    desk.run(f"baocao review {BEFORE}")
    _shoot_page(
        made / "review/index.html",
        PICTURES / "trang-ra-soat.png",
        click="article.report data[data-v=hoso_so_tiep_nhan]",
    )
    _shoot_page(
        made / "review/index.html", PICTURES / "o-nguon.png",
        click="article.report data[data-v=hoso_so_tiep_nhan]", then="#panel table.units tbody tr button",
    )  # fmt: skip
    desk.shoot(
        "sign", f"baocao sign {BEFORE} kstthc/I.7 --by 'Họ và tên'", f"baocao sign {BEFORE} --status", most=12
    )
    show_editions(desk)


def show_editions(desk: Desk) -> None:
    """Issue what was built and signed, and audit it."""
    who = ("-c", "user.name=baocao", "-c", "user.email=baocao@example.invalid")
    subprocess.run(["git", "add", "--all"], cwd=desk.project, check=True)
    subprocess.run(["git", *who, "commit", "--quiet", "--message", BEFORE], cwd=desk.project, check=True)
    desk.shoot("issue", f"baocao issue {BEFORE}", most=16, last=True)
    desk.shoot("audit", f"baocao audit {BEFORE}", most=16, last=True)
    desk.shoot("archive", f"baocao archive {BEFORE}", most=16, last=True)


def _shoot_page(page: Path, target: Path, *, click: str = "", then: str = "", height: int = 760) -> None:
    from playwright.sync_api import sync_playwright

    raw = target.with_suffix(".raw.png")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        opened = browser.new_page(viewport={"width": 1360, "height": height})
        opened.goto(page.as_uri())
        if click:
            opened.wait_for_selector("body[data-ready]")
            opened.locator(click).first.click()
            opened.wait_for_selector("#panel:not([hidden]) h2")
        if then:
            opened.locator(then).first.click()
            opened.wait_for_selector("#panel table.sheet td.term")
        opened.screenshot(path=raw)
        browser.close()
    with Image.open(raw) as image:
        save(image.convert("RGB"), target)
    raw.unlink()


PARTS = {"thu-thap": show_intake, "bao-cao": show_reports}


def main() -> None:
    """Take the pictures asked for, or all of them."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        raise SystemExit(f"needed to take pictures: {', '.join(missing)}")
    PICTURES.mkdir(exist_ok=True)
    for name in sys.argv[1:] or PARTS:
        with temporary_folder() as folder:
            PARTS[name](folder)


if __name__ == "__main__":
    main()
