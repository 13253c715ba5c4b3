"""
The same report as an analyst would make it: a notebook a section, pandas, papermill, pandoc.

Every notebook reads the workbooks that it needs with pandas and openpyxl, counts and
adds what its text prints, draws its charts, and prints its sentences; papermill runs
one after another, and pandoc and typst write the documents. What is to be computed
is taken from the trace of a build, so that both sides give the same numbers; that
they do is checked.
"""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import nbformat
import yaml

READ = """
import glob, json, os, re
import pandas as pd

def gap(text):
    return " ".join(str(text).split()).casefold()

units = pd.read_csv("{root}/params/units.csv", dtype=str, usecols=["code", "type", "level"])
bang = {{}}
"""
TABLE = """
parts = []
for path in sorted(glob.glob({files!r})):
    code = os.path.basename(path).split("-")[0]
    try:
        sheet = pd.read_excel(path, sheet_name={sheet!r}, header=None, engine="openpyxl", dtype=object)
    except ValueError:
        continue
    sheet = sheet.iloc[{first} - 1:, {columns!r}]
    sheet.columns = {names!r}
    sheet = sheet[sheet[{key!r}].notna().cumprod().astype(bool)]
    sheet = sheet[~sheet.apply(lambda row: any(gap(one) in {totals!r} for one in row if isinstance(one, str)), axis=1)]
    sheet.insert(0, "unit", code)
    parts.append(sheet)
bang[{form!r}] = pd.concat(parts).merge(units, left_on="unit", right_on="code", how="left")
"""
TOTALS = ["tổng số", "tổng cộng", "tổng", "cộng"]


def write_notebooks(root: Path, trace: dict[str, Any], folder: Path) -> list[Path]:
    """Write a notebook for every section of every report; returns them in order."""
    forms = yaml.safe_load((root / "params/forms.yaml").read_text(encoding="utf-8"))["forms"]
    sections: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for mention in trace["mentions"]:
        sections.setdefault((mention["report"], mention["section"].split(".b")[0]), []).append(mention)
    charts: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for chart in trace["charts"]:
        charts.setdefault((chart["report"], chart["section"]), []).append(chart)
    paths = []
    for number, (place, mentions) in enumerate(sections.items()):
        drawn = charts.get(place, [])
        ids = [mention["value"] for mention in mentions] + [m[2] for chart in drawn for m in chart["marks"]]
        cells = _cells(root, trace, forms, ids, mentions, drawn)
        notebook = nbformat.v4.new_notebook(
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            cells=[
                nbformat.v4.new_code_cell('period = ""', metadata={"tags": ["parameters"]}),
                *map(nbformat.v4.new_code_cell, cells),
            ],
        )
        path = folder / f"{number:02d}.ipynb"
        nbformat.write(notebook, path)
        paths.append(path)
    return paths


def _cells(
    root: Path,
    trace: dict[str, Any],
    forms: dict[str, Any],
    ids: list[str],
    mentions: list[dict[str, Any]],
    charts: list[dict[str, Any]],
) -> list[str]:
    order: dict[str, None] = {}

    def visit(id: str) -> None:
        for parent in trace["values"][id]["parents"]:
            visit(parent)
        order[id] = None

    for id in ids:
        visit(id)
    nodes = {id: trace["values"][id] for id in order}
    used = dict.fromkeys(node["basis"]["form"] for node in nodes.values() if isinstance(node["basis"], dict))
    reading = READ.format(root=root)
    for name in used:
        form = forms[name]
        source = f"{form['source']}/*" if form["source"] == "don-vi" else form["source"]
        columns = form["columns"]
        reading += TABLE.format(
            files=f"{root}/data/raw/{trace['period']}/{source}.xlsx",
            sheet=form["sheet"],
            form=name,
            totals=TOTALS,
            first=form["first_row"],
            columns=[_index(column["column"]) for column in columns],
            names=[column["name"] for column in columns],
            key=next(column["name"] for column in columns if column.get("key")),
        )
    computing = ["so = {}"] + [line for id, node in nodes.items() for line in _compute(id, node)]
    drawing = [
        "import matplotlib.pyplot as plt\n"
        f"plt.figure(figsize=(6.3, 4)); plt.barh({[f'{m[0]} {m[1]}' for m in chart['marks']]!r}, "
        f"[float(so[id]) for id in {[m[2] for m in chart['marks']]!r}]); plt.tight_layout(); plt.show()"
        for chart in charts
    ]
    text = "\n\n".join(dict.fromkeys(mention["context"] for mention in mentions))
    writing = f"from IPython.display import Markdown, display\ndisplay(Markdown({text!r}))"
    saying = 'print("SO", json.dumps({id: str(number) for id, number in so.items()}))'
    return [reading, "\n".join(computing), *drawing, writing, saying]


def _compute(id: str, node: dict[str, Any]) -> list[str]:
    basis, parents = node["basis"], [f"so[{parent!r}]" for parent in node["parents"]]
    target = f"so[{id!r}]"
    if parents:
        signs = {"sum": " + ", "difference": " - "}
        if node["op"] in signs:
            return [f"{target} = {signs[node['op']].join(parents)}"]
        if node["op"] == "ratio":
            return [f"{target} = {parents[0]} / {parents[1]} * {100 if node['unit'] == '%' else 1}"]
        return [f"{target} = {parents[0]} / {parents[1]}"]
    lines = [f"t = bang[{basis['form']!r}]"]
    for one in basis["criteria"]:
        if one["test"] == "row":
            lines.append(f"t = t.iloc[{one['number'] - 1}:{one['number']}]")
            continue
        column = f"t[{one['column']!r}]"
        if one["test"] == "among":
            lines.append(f"t = t[{column}.map(gap).isin([gap(text) for text in {one['texts']!r}])]")
        elif one["test"] == "positive":
            lines.append(f"t = t[pd.to_numeric({column}) > 0]")
        else:
            lines.append(f"t = t[{column}.notna()]")
    column = f"t[{basis['column']!r}]"
    how = {
        "count": "len(t)",
        "distinct": f"{column}.dropna().map(gap).nunique()",
        "sum": f"pd.to_numeric({column}).sum()",
        "cell": f"pd.to_numeric({column}).sum()",
    }
    return [*lines, f"{target} = {how[node['op']]}"]


def _index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def run_notebooks(paths: list[Path], folder: Path, period: str) -> dict[str, float]:
    """Run papermill on one notebook after another; returns the numbers that they printed."""
    numbers: dict[str, float] = {}
    for path in paths:
        target = folder / path.name
        subprocess.run(
            [sys.executable, "-m", "papermill", path, target, "-r", "period", period, "--no-progress-bar"],
            check=True, capture_output=True,
        )  # fmt: skip
        for cell in nbformat.read(target, as_version=4).cells:
            for output in cell.get("outputs", ()):
                for line in output.get("text", "").splitlines():
                    if line.startswith("SO "):
                        numbers.update({id: float(text) for id, text in json.loads(line[3:]).items()})
    return numbers


def write_documents(paths: list[Path], folder: Path) -> None:
    """Put what the notebooks print together and write it as Word, HTML and PDF."""
    import pypandoc
    import typst

    texts = []
    for path in paths:
        for cell in nbformat.read(folder / path.name, as_version=4).cells:
            texts += [
                output["data"]["text/markdown"]
                for output in cell.get("outputs", ())
                if "text/markdown" in output.get("data", {})
            ]
    source = "\n\n".join(texts)
    for kind in ("docx", "html", "typst"):
        target = folder / f"report.{kind}"
        pypandoc.convert_text(source, kind, "markdown", outputfile=str(target), extra_args=["--standalone"])
    (folder / "report.pdf").write_bytes(typst.compile(str(folder / "report.typst")))


def differing(trace: dict[str, Any], numbers: dict[str, float]) -> dict[str, tuple[str, float]]:
    """Return the values that both sides do not give alike; a float cannot be nearer than a billionth."""
    found = {}
    for id, number in numbers.items():
        exact = Fraction(trace["values"][id]["number"])
        if abs(float(exact) - number) > 1e-9 * max(1.0, abs(number)):
            found[id] = (str(exact), number)
    return found
