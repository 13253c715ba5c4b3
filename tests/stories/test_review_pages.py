"""A reviewer opens the pages from disk in a real browser: Debian's Chromium, without a network."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest

from baocao.project.files import write_folder
from baocao.reviewing import make_pages
from baocao.tracing.spans import unfold_blocks

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
UNITS = 3500
# Contrast of text against what lies behind it (WCAG 2.1, 1.4.3), for every number that can be opened.
CONTRAST = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const behind = (node) => { for (let one = node; one; one = one.parentElement) { const c = parse(getComputedStyle(one).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  return [...document.querySelectorAll("article:not([hidden]) data[role=button], .flag, .state, button, .hint")].filter((one) => one.offsetParent)
    .map((one) => { const [a, b] = [light(parse(getComputedStyle(one).color)), light(behind(one))].sort((x, y) => y - x);
      return [(a + .05) / (b + .05), one.textContent.slice(0, 40)]; }).sort((x, y) => x[0] - y[0])[0];
}"""

pytestmark = [
    pytest.mark.external,
    pytest.mark.vietnamese,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser):
    """Open a page; whatever it says wrong or asks of a network fails the test."""
    pages, wrong = [], []

    def opened(path: Path, width: int = 1440, height: int = 900):
        page = browser.new_page(viewport={"width": width, "height": height})
        pages.append(page)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda message: wrong.append(message.text) if message.type in {"error", "warning"} else None,
        )
        page.on(
            "request",
            lambda request: None if request.url.startswith(("file:", "data:")) else wrong.append(request.url),
        )
        page.goto(path.as_uri())
        page.wait_for_selector("body[data-ready]")
        return page

    opened.wrong = wrong  # type: ignore[attr-defined]
    yield opened
    for page in pages:
        page.close()
    assert wrong == []


@pytest.fixture(scope="session")
def reviewed(built_once):
    """Give the review page of the built project, written by whoever comes first."""
    path = built_once.output / "review" / "index.html"
    if not path.exists():
        built_once.run("review", "2026-Q1")
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory, make_material):
    folder = tmp_path_factory.mktemp("nhỏ") / "review"
    write_folder(folder, make_pages(make_material(12)))
    return folder / "index.html"


def panel_text(page) -> str:
    page.wait_for_selector("#panel:not([hidden]) h2")
    return page.locator("#panel").inner_text()


def of_trace(built_once, key: str) -> dict:
    return built_once.trace()["values"][key]


def test_every_number_citation_and_mark_of_both_reports_can_be_opened(open_page, reviewed, built_once):
    page = open_page(reviewed)
    trace = built_once.trace()
    ids = page.evaluate("[...document.querySelectorAll('article data[role=button]')].map((one) => one.id)")
    assert sorted(filter(None, ids)) == sorted(mention["id"] for mention in trace["mentions"])
    cites = page.evaluate("[...document.querySelectorAll('article cite[role=button]')].map((one) => one.id)")
    assert sorted(cites) == sorted(one["id"] for one in trace["citations"])
    marks = page.locator("article.report a.mark").count()
    assert marks == sum(len(chart["marks"]) for chart in trace["charts"])


def test_a_click_on_a_number_leads_to_units_and_to_the_cells_in_the_sheet(open_page, reviewed, built_once):
    page = open_page(reviewed)
    page.locator("article.report data[data-v=hoso_xa_tiep_nhan]").first.click()
    page.wait_for_selector("#panel table.units")
    assert "602.862" in panel_text(page)
    shown = page.locator("#panel table.units tbody tr")
    block = of_trace(built_once, "hoso_xa_tiep_nhan")["sources"][0][0]
    assert shown.count() == len(
        unfold_blocks(built_once.trace()["blocks"], built_once.trace()["files"])[block]
    )
    # Sums of what stands in the table are the number itself.
    texts = shown.locator("td:nth-child(2)").all_inner_texts()
    assert sum(int(text.replace(".", "")) for text in texts) == int(
        of_trace(built_once, "hoso_xa_tiep_nhan")["number"]
    )
    row = shown.first
    name, number = row.locator("button").get_attribute("data-unit"), row.locator("td").first.inner_text()
    row.locator("button").click()
    page.wait_for_selector("#panel table.sheet td.term")
    cells = page.locator("#panel table.sheet td.term")
    found = [int(cell.split()[0].replace(".", "")) for cell in cells.all_inner_texts()]
    assert sum(found) == int(number.replace(".", ""))
    file = page.locator("#panel .excerpt .file a")
    assert file.inner_text().startswith(f"don-vi/{name}-")
    assert (reviewed.parent / file.get_attribute("href")).resolve().is_file()
    assert built_once.trace()["files"][file.inner_text()] in page.locator("#panel .sha").inner_text()


def test_units_are_sorted_by_any_column_and_back(open_page, reviewed):
    page = open_page(reviewed)
    page.goto(f"{reviewed.as_uri()}#so=hoso_xa_tiep_nhan")
    page.wait_for_selector("#panel table.units")

    def column(number: int) -> list[str]:
        return page.locator(f"#panel table.units tbody tr > :nth-child({number})").all_inner_texts()

    def read(text: str) -> float:
        return float(text.replace(".", "").replace(",", ".").replace("−", "-").replace("%", ""))

    for index, title in ((2, "Kỳ này"), (3, "Tỷ trọng"), (4, "Kỳ trước"), (5, "Thay đổi"), (6, "Đổi %")):
        head = page.get_by_role("button", name=title, exact=True)
        for _ in range(2):
            head.click()
            order = page.locator(f"#panel table.units thead th:nth-child({index})").get_attribute("aria-sort")
            numbers = [read(text) for text in column(index) if text != "-"]
            assert numbers == sorted(numbers, reverse=order == "descending")
    page.locator("#panel .filter").fill("hong bang")
    assert [name.startswith("Phường Hồng Bàng") for name in column(1)] == [True]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("142.186", "hoso_so_tiep_nhan"),
        ("142186", "hoso_so_tiep_nhan"),
        ("142,186", "hoso_so_tiep_nhan"),
        ("142.186 hồ sơ", "hoso_so_tiep_nhan"),
        ("97.15%", "ty_le_hoso_dung_han"),
        ("hồng", "Hồng"),
        ("h01", "Mã H01"),
        ("van-ban.xlsx", "Trang tính «van-ban»"),
        ("H01-so-noi-vu.xlsx#06a!C9", "Ô C9"),
        ("hoso_so_tiep_nhan", "hoso_so_tiep_nhan"),
        ("phường hồng bàng", "Phường Hồng Bàng"),
        ("phuong hong bang", "Phường Hồng Bàng"),
        ("11311", "Phường Hồng Bàng"),
        ("m_kstthc_i7a_01", "hoso_so_tiep_nhan"),
        ("bd_ket_qua_theo_cap", "bd_ket_qua_theo_cap"),
    ],
)
def test_search_finds_numbers_units_and_ids(open_page, reviewed, query, expected):
    page = open_page(reviewed)
    page.keyboard.press("/")
    page.keyboard.type(query)
    page.keyboard.press("Enter")
    assert expected in panel_text(page)


def test_a_file_that_changed_since_the_build_is_said_loudly(open_page, tmp_path, make_material):
    material = make_material(4)
    gone, *kept = material.workbooks
    material = replace(material, workbooks={file: material.workbooks[file] for file in kept})
    write_folder(tmp_path / "review", make_pages(material))
    page = open_page(tmp_path / "review" / "index.html")
    assert page.locator("#findings-button").inner_text() == "⚠ 3 lỗi"
    page.locator("article.report data[data-v=hoso_xa_tiep_nhan]").click()
    assert gone in panel_text(page)
    assert "đã thay đổi" in page.locator("#panel .alert.error").first.inner_text()


def test_an_address_that_leads_nowhere_says_so(open_page, small):
    page = open_page(small)
    page.goto(f"{small.as_uri()}#so=khong_co")
    assert "Không tìm thấy" in panel_text(page)


def test_search_says_that_there_is_nothing(open_page, small):
    page = open_page(small)
    page.locator("#query").fill("không có gì như vậy")
    assert "Không tìm thấy" in page.locator("#results").inner_text()


def test_everything_can_be_done_without_a_mouse(open_page, reviewed):
    page = open_page(reviewed)
    first = page.locator("article.report [role=button]").first
    first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    chosen = page.evaluate("document.activeElement.id")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel:not([hidden])")
    page.wait_for_selector("#panel:focus")
    page.keyboard.press("Escape")
    assert page.locator("#panel").is_hidden()
    assert page.evaluate("document.activeElement.id") == chosen
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.id") != chosen
    page.keyboard.press("?")
    assert "Hướng dẫn sử dụng" in panel_text(page)
    page.goto(f"{reviewed.as_uri()}#so=hoso_so_tiep_nhan")
    page.wait_for_selector("#panel button.unit")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('button.unit')"):
            break
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.matches('tr:nth-child(2) button.unit')")
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel table.sheet td.term")


def test_a_mark_of_a_chart_opens_its_value(open_page, reviewed, built_once):
    page = open_page(reviewed)
    for chart in built_once.trace()["charts"]:
        marks = page.locator(f"article.report figure[id$='--{chart['id']}'] a.mark")
        for index in range(len(chart["marks"])):
            if not marks.nth(index).is_visible():
                report = marks.nth(index).locator("xpath=ancestor::article").get_attribute("data-document")
                page.locator(f"#reports button.open[data-document={report}]").click()
            marks.nth(index).click(force=True)
            page.wait_for_selector(f"#panel code:text-is('{chart['marks'][index][2]}')")
            page.keyboard.press("Escape")


def test_notebooks_are_there_and_clickable(open_page, reviewed):
    page = open_page(reviewed)
    page.locator("#contents button[data-document='kstthc/07-ho-so']").click()
    number = page.locator("article.notebook data[data-v=hoso_so_tiep_nhan]").first
    number.click()
    assert "142.186" in panel_text(page)
    assert page.locator("article.notebook details.ma-lenh").count() > 3


def test_a_cell_of_a_table_opens_its_own_sheet(open_page, reviewed):
    page = open_page(reviewed)
    page.locator("article.report td data[data-v=hoso_so_tiep_nhan__h02]").first.click()
    page.wait_for_selector("#panel table.sheet td.term")
    assert "don-vi/H02-" in panel_text(page)


def test_findings_and_opaque_values_are_loud_beside_their_numbers(open_page, small):
    page = open_page(small)
    opaque = page.locator("article.report data[data-v=du_bao]")
    assert "opaque" in opaque.get_attribute("class")
    assert opaque.locator(".flag").is_visible()
    assert page.locator("article.report data[data-v=hoso_xa_trong_ky] .flag.error").is_visible()
    assert page.locator("article.report data[data-v=hoso_xa_tiep_nhan] .flag").count() == 0
    assert page.locator("#findings-button").inner_text() == "⚠ 2 lỗi"
    opaque.click()
    assert "Không truy vết được đến từng ô" in panel_text(page)
    assert "mô hình <b>dự báo</b>" in panel_text(page)
    page.locator("#findings-button").click()
    page.wait_for_selector("#panel-title:has-text('Những điều')")
    assert "Ô có dấu gạch" in panel_text(page)
    page.locator("#panel .alert .cells a").first.click()
    page.wait_for_selector("#panel table.sheet td.term")
    assert page.locator("#panel h2").inner_text() == "Ô F9"


def test_sign_off_is_shown_with_its_reason(open_page, small):
    page = open_page(small)
    state = page.locator("#contents .state.stale")
    assert state.inner_text() == "chữ ký đã cũ: số đã thay đổi"
    assert "Nguyễn Văn A" in state.get_attribute("title")


def test_what_is_signed_after_the_pages_were_written_is_shown(open_page, small):
    name = small.parent / "data" / "signed.js"
    kept = name.read_text(encoding="utf-8")
    name.write_text(kept.replace('"stale"', '"signed"').replace("2026-03-20", "2026-03-21"), encoding="utf-8")
    state = open_page(small).locator("#contents .state.signed")
    assert state.inner_text() == "đã duyệt"
    assert "ngày 21/03/2026" in state.get_attribute("title")
    name.write_text(kept, encoding="utf-8")


def test_a_decimal_and_a_thousand_do_not_look_alike(open_page, small):
    page = open_page(small)
    shown = page.evaluate(
        "[numbers.print(1018), numbers.print('1.018', 15), numbers.print('0.123456789', 15)]"
    )
    assert shown == ["1.018", "1,018", "0,123456789"]


def test_a_total_is_compared_over_the_units_that_both_quarters_know(open_page, small):
    # One unit of the twelve was not there a quarter ago; what it has now is no growth.
    page = open_page(small)
    page.goto(f"{small.as_uri()}#so=hoso_xa_tiep_nhan")
    page.wait_for_selector("#panel table.units")
    foot = page.locator("#panel tfoot tr > *").all_inner_texts()
    rows = page.evaluate(
        "[...document.querySelectorAll('#panel table.units tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    changes = [int(row[4].replace("−", "-").replace(".", "")) for row in rows if row[4] != "-"]
    assert (len(rows), len(changes)) == (12, 11)
    assert int(foot[4].replace("−", "-").replace(".", "")) == sum(changes)


def test_text_of_a_workbook_never_becomes_markup(open_page, small, hostile):
    page = open_page(small)
    title = page.title()
    for address in ("so=hoso_xa_tiep_nhan__10000", "trich-dan=c_kstthc_i7_01"):
        page.evaluate("(hash) => { location.hash = hash; }", address)
        page.wait_for_selector("#panel table.sheet td.term")
        assert hostile in page.locator("#panel").inner_text()
        assert page.locator("#panel script, #panel img").count() == 0
        page.keyboard.press("Escape")
    assert page.title() == title


def test_markup_that_got_past_cleaning_would_not_run(open_page, small):
    page = open_page(small)
    ran = page.evaluate("""async () => {
      document.body.insertAdjacentHTML("beforeend", '<img src="data:," onerror="window.ran = 1">');
      const script = document.createElement("script"); script.textContent = "window.ran = 2"; document.body.append(script);
      await new Promise((resolve) => setTimeout(resolve, 200));
      return window.ran ?? 0;
    }""")
    assert ran == 0
    assert open_page.wrong
    assert all("Content Security Policy" in text for text in open_page.wrong)
    open_page.wrong.clear()


def test_print_gives_the_report_or_what_is_open(open_page, reviewed, tmp_path):
    page = open_page(reviewed)
    report = read_pdf(page, tmp_path / "a.pdf")
    assert "142.186" in report
    assert "602.862" in report
    for word in ("Hướng dẫn", "Sổ tính", "Bấm vào một"):
        assert word not in report
    page.goto(f"{reviewed.as_uri()}#so=hoso_xa_tiep_nhan")
    page.wait_for_selector("#panel table.units")
    derivation = read_pdf(page, tmp_path / "b.pdf")
    assert "Rà soát số liệu" in derivation
    assert "hoso_xa_tiep_nhan" in derivation
    assert "Kính gửi" not in derivation
    assert derivation.count("Phường ") > 40
    # An opened sheet flows on from its row, and the total stands once, at the end.
    page.locator("#panel button.unit").nth(2).click()
    page.wait_for_selector("#panel table.sheet")
    page.pdf(path=tmp_path / "c.pdf")
    document = pypdfium2.PdfDocument(tmp_path / "c.pdf")
    texts = [document[i].get_textpage().get_text_range() for i in range(len(document))]
    assert "Hộ tịch" in texts[0]
    assert sum(text.count("602.862 100,00%") for text in texts) == 1


def read_pdf(page, path: Path) -> str:
    page.pdf(path=path)
    document = pypdfium2.PdfDocument(path)
    return "\n".join(document[i].get_textpage().get_text_range() for i in range(len(document)))


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768), (1024, 768), (390, 844)])
def test_nothing_runs_out_of_the_window(open_page, reviewed, width, height):
    page = open_page(reviewed, width, height)
    for address in (
        "",
        "so=hoso_xa_tiep_nhan",
        "phat-hien",
        "huong-dan",
        "so=khong-co-ma-nay",
        "bieu-do=bd_ket_qua_theo_cap",
    ):
        page.evaluate("(hash) => { location.hash = hash; }", address)
        page.wait_for_timeout(150)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    if width > 860:
        page.goto(f"{reviewed.as_uri()}#so=hoso_xa_tiep_nhan")
        page.wait_for_selector("#panel table.units")
        assert page.locator("#panel [data-close]").is_visible()


def test_numbers_and_signs_can_be_read(open_page, small):
    page = open_page(small)
    contrast, text = page.evaluate(CONTRAST)
    assert contrast >= 4.5, text


def test_pages_are_the_same_bytes_each_time(light_folder, tmp_path):
    code = (
        "import sys, hashlib; from pathlib import Path; from baocao.project.folder import Project; from baocao.project.periods import Period;"
        "from baocao.reviewing import gather, make_pages;"
        "pages = make_pages(gather(Project(Path(sys.argv[1])), Period(2026, 1)));"
        "print(hashlib.sha256(repr(sorted(pages.items())).encode()).hexdigest())"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", code, str(light_folder)], capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin", "TZ": zone}, cwd=tmp_path,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Ho_Chi_Minh"))
    }  # fmt: skip
    assert len(made) == 1


def test_3500_units_answer_within_a_second(open_page, tmp_path, make_material):
    folder = tmp_path / "review"
    write_folder(folder, make_pages(make_material(UNITS, sums=150, by_unit=True)))
    page = open_page(folder / "index.html")
    printed = page.locator("article data[data-v=hoso_xa_tiep_nhan]").inner_text()
    # Each step is timed in the page, from the event to the frame that shows its result.
    times = page.evaluate("""async (printed) => {
      const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      const until = async (test) => { for (let i = 0; i < 2000 && !test(); i += 1) await new Promise((resolve) => setTimeout(resolve, 2)); await painted(); };
      const timed = async (act, test) => { const from = performance.now(); act(); await until(test); if (!test()) throw new Error(String(act)); return performance.now() - from; };
      const one = (selector) => document.querySelector(selector);
      const search = (text) => () => { const input = one("#query"); input.focus(); input.value = text; input.dispatchEvent(new Event("input")); };
      const times = {};
      times.open = await timed(() => one("article data[data-v=hoso_xa_tiep_nhan]").click(), () => one("#panel table.units tbody tr"));
      const first = () => one("#panel table.units tbody tr button").dataset.unit;
      times.sort = await timed(() => one("#panel thead button").click(), () => first() === "10000");
      times.sort_back = await timed(() => one("#panel thead button").click(), () => first() === "13499");
      times.more_rows = await timed(() => one("#panel .shares > .more").click(), () => document.querySelectorAll("#panel table.units tbody tr").length === 400);
      times.filter = await timed(() => { const input = one("#panel .filter"); input.value = "thu nghiem 34"; input.dispatchEvent(new Event("input")); }, () => one("#panel .count").textContent.includes(" trong "));
      times.sort_number = await timed(() => one("#panel th:nth-child(2) button").click(), () => one("#panel th:nth-child(2)").ariaSort === "descending");
      times.sheet = await timed(() => one("#panel table.units tbody tr button").click(), () => one("#panel table.sheet td.term"));
      times.search_all = await timed(search("x"), () => one("#results [role=option]"));
      times.search_unit = await timed(search("xa thu nghiem 3456"), () => one("#results [role=option] b")?.textContent === "Xã Thử Nghiệm 3456");
      times.search_number = await timed(search(printed), () => /hồ sơ/.test(one("#results [role=option] b")?.textContent ?? ""));
      times.derived = await timed(() => { location.hash = "so=hoso_xa_trong_ky"; }, () => one("#panel-title").textContent.includes("trong kỳ") && one("#panel table.units tbody tr"));
      times.unit = await timed(() => { location.hash = "don-vi=13000"; }, () => one("#panel-title").textContent === "Xã Thử Nghiệm 3000");
      return times;
    }""", printed)  # fmt: skip
    (tmp_path / "times.json").write_text(json.dumps(times), encoding="utf-8")
    assert max(times.values()) < 1000, times


@pytest.mark.parametrize(
    "name", ["kstthc.html", "review/index.html", "review/status.html", "review/compare.html"]
)
def test_pages_pass_axe_in_the_light_and_in_the_dark_wide_and_narrow(
    browser, reviewed_light, light_folder, name
):
    from axe_playwright_python.sync_playwright import Axe

    for scheme, width in (("light", 1280), ("dark", 400)):
        context = browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True
        )
        page = context.new_page()
        page.goto((light_folder / "reports" / "2026-Q1" / name).as_uri())
        if name.endswith("index.html"):
            page.wait_for_selector("body[data-ready]")
        found = Axe().run(page).response["violations"]
        # The words of a page are wider than a phone in tables alone, and those scroll by themselves.
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (scheme, width)
        context.close()
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], (scheme, width)


def test_a_state_tells_how_to_sign(open_page, small):
    page = open_page(small)
    page.locator("#contents .state.stale").click()
    assert "baocao sign 2026-Q1 kstthc/" in panel_text(page)


def test_a_report_s_own_page_lists_its_headings(browser, built_once):
    page = browser.new_page()
    page.goto((built_once.output / "kstthc.html").as_uri())
    listed = page.locator(".muc-luc a")
    headings = page.locator("main h1, main h2")
    assert [one.strip() for one in listed.all_inner_texts()] == [
        one.strip() for one in headings.all_inner_texts()
    ]
    listed.last.click()
    assert headings.last.evaluate("one => one.getBoundingClientRect().top < innerHeight")
    page.close()
