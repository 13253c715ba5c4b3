"""A notebook runs again when something that it has read differs, and for nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from baocao.building.freshness import Freshness, State
from baocao.project.folder import Project
from baocao.project.params import Params
from baocao.project.periods import Period
from baocao.reading.tables import read_tables
from baocao.reading.tables.table import fingerprint_columns
from baocao.sections.reads import (
    ABSENT,
    Reads,
    WatchedParams,
    fingerprint_form,
    fingerprint_places,
    list_places,
)

PERIOD = Period(2026, 1)


@pytest.fixture
def sandbox(make_sandbox, tmp_path):
    sandbox = make_sandbox(tmp_path / "project")
    sandbox.fill()
    return sandbox


def read(project: Project, *columns: str, ids: tuple[str, ...] = ()) -> dict[str, str]:
    """What a notebook notes that reads these columns of 06a and these indicators."""
    reads = Reads("kstthc/07-ho-so")
    table = reads.watch_table(read_tables(project, PERIOD), "06a")
    for column in columns:
        table.column(column)
    params = WatchedParams(project.params, reads)
    for key in ids:
        params.indicators.get(key)
    return reads.take()


def differing(project: Project, noted: dict[str, str], tmp_path: Path) -> list[str]:
    """Which of these reads would be made differently now."""
    project = Project(project.root)
    fresh = Freshness(project, PERIOD, read_tables(project, PERIOD), State(tmp_path / "state.json"))
    return [key for key, fingerprint in noted.items() if fresh._fingerprint(key) != fingerprint]


def change(path: Path, edit) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    edit(data)
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")


def test_only_columns_that_were_read_are_noted(sandbox):
    assert list(read(sandbox.project, "tiep_nhan")) == ["column:06a/tiep_nhan", "form:06a"]
    assert list(read(sandbox.project)) == ["form:06a"]


def test_what_was_taken_is_not_given_again():
    reads = Reads("a/b")
    reads.note("narrative", "x.md", "1")
    assert reads.take() == {"narrative:x.md": "1"}
    reads.note("narrative", "x.md", "2")
    assert reads.take() == {}


def test_nothing_differs_where_nothing_changed(sandbox, tmp_path):
    noted = read(sandbox.project, "tiep_nhan", "qua_han", ids=("tthc_tong", "không có"))
    assert differing(sandbox.project, noted, tmp_path) == []


def test_a_cell_of_another_column_changes_nothing(sandbox, tmp_path, edit):
    noted = read(sandbox.project, "tiep_nhan")
    other = read(sandbox.project, "qua_han")
    file = next((sandbox.root / "data/raw/2026-Q1/don-vi").glob("*.xlsx"))
    column = sandbox.project.params.form("06a").column("qua_han").column
    edit(file, "06a", {f"{column}9": 7})
    assert differing(sandbox.project, noted, tmp_path) == []
    assert differing(sandbox.project, other, tmp_path) == ["column:06a/qua_han"]


def test_a_label_of_another_column_changes_nothing(sandbox):
    table = read_tables(sandbox.project, PERIOD).table("06a")
    columns = [
        column.model_copy(update={"label": "Khác"}) if column.name == "qua_han" else column
        for column in table.form.columns
    ]
    form = table.form.model_copy(update={"columns": tuple(columns), "title": "Biểu có tên khác"})
    form.__dict__.pop("by_name", None)  # made of the columns before
    assert fingerprint_form(form) == fingerprint_form(table.form)
    before, now = fingerprint_columns(table), fingerprint_columns(replace(table, form=form))
    assert {name for name in before if before[name] != now[name]} == {"qua_han"}


def test_one_indicator_is_not_another(sandbox, tmp_path):
    first, second = list(sandbox.project.params.indicators)[:2]
    noted = read(sandbox.project, ids=(first, second))
    change(sandbox.root / "params/indicators.yaml", lambda data: data[second].update(label="Khác"))
    assert differing(sandbox.project, noted, tmp_path) == [f"indicator:{second}"]


def test_an_id_that_was_not_there_is_asked_for_again_once_there_is_another(sandbox, tmp_path):
    noted = read(sandbox.project, ids=("chua_co",))
    assert differing(sandbox.project, noted, tmp_path) == []
    change(
        sandbox.root / "params/indicators.yaml",
        lambda data: data.update(chua_co={"label": "Mới", "unit": "hồ sơ"}),
    )
    assert differing(sandbox.project, noted, tmp_path) == ["ids:indicators"]


def test_a_form_that_is_gone_differs(sandbox, tmp_path):
    noted = {"form:khong-co": ABSENT, "column:khong-co/x": ABSENT}
    assert differing(sandbox.project, noted, tmp_path) == []
    assert differing(sandbox.project, dict.fromkeys(noted, "1"), tmp_path) == list(noted)


def test_whoever_lists_the_indicators_has_read_all(sandbox):
    for ask in (
        lambda found: [*found],
        lambda found: found.keys(),
        lambda found: found.items(),
        lambda found: found.values(),
    ):
        reads = Reads("a/b")
        ask(WatchedParams(sandbox.project.params, reads).indicators)
        assert "params:indicators.yaml" in reads.take()


def test_letters_of_columns_are_a_matter_of_the_form(sandbox):
    form = Params(sandbox.root / "params").form("06a")
    moved = form.model_copy(
        update={"columns": (form.columns[0].model_copy(update={"column": "ZZ"}), *form.columns[1:])}
    )
    assert fingerprint_form(moved) != fingerprint_form(form)


def test_where_a_notebook_is_printed_is_read_too(sandbox):
    params = Params(Path(__file__).resolve().parents[3] / "params")
    places = list_places(params, Period(2026, 1))["kstthc/07-ho-so"]
    assert places == (("kstthc", "I.7"),)
    assert fingerprint_places(places) != fingerprint_places((*places, ("cchc", "II.2")))
