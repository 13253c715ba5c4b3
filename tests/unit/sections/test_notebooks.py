"""What a source notebook may hold: no outputs, no functions, no numbers, no names of the place."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
import yaml

import baocao

ROOT = Path(__file__).resolve().parents[3]
NOTEBOOKS = sorted(
    path for path in (ROOT / "notebooks").rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts
)
# 2026-Q1 and I.7 name a period and a section; anything else with a digit would be printed.
KEY = re.compile(r"\d{4}-Q[1-4]|[IVX]+(\.\d+)*(\.[a-zđ])?")
# The number of a heading within a section, as the stitcher knows it.
NUMBERED = re.compile(r"^### \*\*\d+\.\d+\. ", re.MULTILINE)
# Names of columns, forms, ids, keys and symbols for the library, never printed.
NAME = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)*")


def name_of(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)


def code(path: Path) -> ast.Module:
    """Give the code of all cells but the parameters as one module."""
    cells = [cell for cell in read(path).cells if cell.cell_type == "code"]
    return ast.parse("\n".join(c.source for c in cells if "parameters" not in c.metadata.get("tags", ())))


def texts(tree: ast.Module) -> Iterator[str]:
    """Yield every literal text, the fixed parts of f-strings among them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def place_names() -> set[str]:
    """Give the names of the place and its units, and of the units without their kind."""
    place = yaml.safe_load((ROOT / "params" / "place.yaml").read_text(encoding="utf-8"))
    names = {place["name"], place["short"]}
    with (ROOT / "params" / "units.csv").open(encoding="utf-8", newline="") as handle:
        names |= {row["name"] for row in csv.DictReader(handle)}
    with (ROOT / "params" / "offices.csv").open(encoding="utf-8", newline="") as handle:
        names |= {row["name"] for row in csv.DictReader(handle)}
    return {name.casefold() for name in names}


def sections() -> dict[tuple[str, str], set[str]]:
    """Give the notebooks that write a section, ``07-ho-so`` or ``chung/so-hoa``, by report and key."""
    reports = yaml.safe_load((ROOT / "params" / "reports.yaml").read_text(encoding="utf-8"))
    return {
        (report, section["key"]): {section["notebook"]}
        | {point["notebook"] for point in section.get("points", ())}
        for report, spec in reports.items()
        for section in spec["sections"]
        if section.get("notebook")
    }


def indicators() -> set[str]:
    return set(yaml.safe_load((ROOT / "params" / "indicators.yaml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("report", ["kstthc", "cchc", "chung"])
def test_every_section_has_its_notebook(report: str) -> None:
    used = {(key[0], name) for key, names in sections().items() for name in names}
    located = {name.removeprefix("chung/") for one, name in used if name.startswith("chung/")}
    own = {name for one, name in used if one == report and not name.startswith("chung/")}
    wanted = located if report == "chung" else own
    assert {path.stem for path in NOTEBOOKS if path.parent.name == report} == wanted


def test_what_both_reports_print_is_written_once() -> None:
    used = [name for names in sections().values() for name in names if name.startswith("chung/")]
    assert used
    assert all(used.count(name) == 2 for name in used)


@each_notebook
def test_source_is_clean(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", cell.id), cell.id
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
    assert path.read_text(encoding="utf-8") == nbformat.writes(notebook) + "\n"


@each_notebook
def test_one_parameters_cell_with_the_period(path: Path) -> None:
    cells = [cell for cell in read(path).cells if "parameters" in cell.metadata.get("tags", ())]
    assert len(cells) == 1
    (statement,) = ast.parse(cells[0].source).body
    assert isinstance(statement, ast.Assign)
    assert [target.id for target in statement.targets if isinstance(target, ast.Name)] == ["period"]


@each_notebook
def test_no_functions_classes_or_foreign_imports(path: Path) -> None:
    for node in ast.walk(code(path)):
        assert not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda)
        assert not isinstance(node, ast.Import), ast.unparse(node)
        if isinstance(node, ast.ImportFrom):
            assert node.module == "baocao", ast.unparse(node)
            assert {alias.name for alias in node.names} <= set(baocao.__all__), ast.unparse(node)


@each_notebook
def test_sentences_are_chosen_by_when_and_notes_are_vietnamese(path: Path) -> None:
    assert not [node for node in ast.walk(code(path)) if isinstance(node, ast.If) and node.orelse]
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            assert re.search(
                r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹáàãéèíìĩóòõúùũý]", cell.source.lower()
            )


@each_notebook
def test_a_notebook_names_itself_and_neither_report_nor_period(path: Path) -> None:
    made = [
        node
        for node in ast.walk(code(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Section"
    ]
    assert [ast.unparse(node) for node in made] == [f"Section({path.stem!r}, period)"]


@each_notebook
def test_no_numbers_and_no_names_of_the_place(path: Path) -> None:
    tree = code(path)
    names = place_names()
    for text in texts(tree):
        if not KEY.fullmatch(text) and not NAME.fullmatch(text):
            assert not re.search(r"\d", NUMBERED.sub("", text)), text
        # "Sở Công Thương" in running text is a name; "sở, ban, ngành" is none.
        assert not [name for name in names if name in text.casefold()], text


@each_notebook
def test_widths_are_the_only_numbers_of_the_code(path: Path) -> None:
    tree = code(path)
    allowed = {
        id(constant)
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "widths"
        for constant in ast.walk(node.value)
    }
    years = {
        id(node.right)
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp) and ast.unparse(node.left) == "section.period.year"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) in {int, float}:
            assert id(node) in allowed | years, f"line {node.lineno}: {node.value}"


@each_notebook
def test_ids_are_indicators(path: Path) -> None:
    known = indicators()
    for node in ast.walk(code(path)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr in {"grid", "chart"}:
            continue
        given = [keyword.value for keyword in node.keywords if keyword.arg == "id"]
        if node.func.attr == "named":
            given += node.args[:1]
        if node.func.attr == "over":
            given += node.args[1:2]
        for argument in given:
            if isinstance(argument, ast.Constant) and "{" in str(argument.value):
                # "{key}_pct_hdnd": the register gives the first.
                before, after = str(argument.value).split("{key}")
                assert any(name.startswith(before) and name.endswith(after) for name in known)
            elif isinstance(argument, ast.Constant):
                assert str(argument.value).split("__")[0] in known, argument.value
            elif isinstance(argument, ast.JoinedStr):
                # "thu_nsnn" and "_pct_" and "du_toan": the register gives the first.
                fixed = [
                    str(part.value).removeprefix("{key}")
                    for part in argument.values
                    if isinstance(part, ast.Constant)
                ]
                assert any(all(str(part) in name for part in fixed) for name in known), fixed


def test_every_share_says_what_it_divides() -> None:
    entries = yaml.safe_load((ROOT / "params" / "indicators.yaml").read_text(encoding="utf-8"))
    used = {text for path in NOTEBOOKS for text in texts(code(path))}
    shares = {
        key for key, entry in entries.items() if entry["unit"] == "%" or entry.get("print", {}).get("over")
    }
    assert not [key for key in sorted(shares & used) if not entries[key].get("definition")]


def blocks(path: Path) -> set[str | None]:
    """Give the blocks of policy text that a notebook prints; None stands for a whole file."""
    return {
        ast.literal_eval(node.args[0]) if node.args else None
        for node in ast.walk(code(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "narrative"
    }


@each_notebook
def test_blocks_of_policy_text_are_there(path: Path) -> None:
    shared = path.parent.name == "chung"
    file = path.stem if shared else path.stem[:2]
    narrative = ROOT / "data" / "raw" / "2026-Q1" / "loi-van" / path.parent.name / f"{file}.md"
    # Notebooks of one section share its file.
    family = (
        [path] if shared else [one for one in NOTEBOOKS if one.parent == path.parent and one.stem[:2] == file]
    )
    asked = set().union(*(blocks(one) for one in family))
    text = narrative.read_text(encoding="utf-8") if narrative.exists() else ""
    assert set(re.findall(r"^## (.+)$", text, re.MULTILINE)) == asked - {None}
    assert bool(asked) == narrative.exists()
