"""What an auditor does: make an issued quarter again, see what is not the same, take it away and check it elsewhere."""

from __future__ import annotations

import json
import zipfile

import openpyxl

PERIOD = "2026-Q1"


def bad(audit, part):
    return [one for one in audit[part] if one["verdict"] not in {"identical-bytes", "identical-values"}]


def reasons(verdicts):
    return {reason["where"] for one in verdicts for reason in one["reasons"]}


def test_an_issued_edition_comes_out_again_whatever_the_clock_of_files_locale_zone_and_seed(issued):
    for path in issued.raw.rglob("*"):
        path.touch()
    (issued.root / "data" / "processed" / PERIOD).mkdir(parents=True, exist_ok=True)
    (issued.root / "data" / "processed" / PERIOD / "06a.parquet").write_bytes(b"poison")
    audit = issued.audit(
        check=0, LC_ALL="C", LANG="tr_TR.UTF-8", TZ="Pacific/Kiritimati", PYTHONHASHSEED="4711"
    )
    assert audit["good"]
    assert audit["identical"]
    assert {one["verdict"] for one in audit["values"]} == {"identical-values"}
    assert {one["verdict"] for one in audit["files"]} == {"identical-bytes"}
    assert len(audit["values"]) > 100
    assert {"kstthc.docx", "kstthc.pdf", "kstthc.html", "trace.json", "run.json"} <= {
        one["name"] for one in audit["files"]
    }


def test_a_changed_cell_is_named_with_both_numbers_and_stops_a_build_until_it_is_corrected(
    issued, add_dossiers
):
    path = issued.unit_file("10507")
    before = openpyxl.load_workbook(path, data_only=True)["06a"]["C9"].value
    add_dossiers(path)
    cell = f"don-vi/{path.name}#06a!C9"

    audit = issued.audit(check=1)
    value = next(one for one in audit["values"] if one["name"] == "hoso_xa_tiep_nhan")
    assert value["verdict"] == "input-changed"
    assert int(value["after"]) == int(value["before"]) + 1
    assert value["reasons"] == [{"where": cell, "before": str(before), "after": str(before + 1)}]
    untouched = next(one for one in audit["values"] if one["name"] == "hoso_so_tiep_nhan")
    assert untouched["verdict"] == "identical-values"
    assert reasons(bad(audit, "values")) == {f"don-vi/{path.name}#06a!{column}9" for column in "CDKL"}

    said = issued.run("build", PERIOD, check=2).stderr
    assert path.name in said
    assert "--correction" in said
    issued.commit()
    issued.run("issue", PERIOD, check=2)
    issued.run("issue", PERIOD, "--correction", "đơn vị gửi lại số liệu")
    second = json.loads((issued.edition.parent / "2" / "edition.json").read_text(encoding="utf-8"))
    assert second["correction"] == "đơn vị gửi lại số liệu"
    assert {"where": cell, "before": str(before), "after": str(before + 1)} in second["changed"]
    assert "value hoso_xa_tiep_nhan" in {change["where"] for change in second["changed"]}
    assert (issued.edition / "edition.json").is_file()


def test_a_notebook_changed_since_is_named_with_its_cell_where_today_is_asked_for(issued):
    name = "notebooks/kstthc/07-ho-so.ipynb"
    issued.replace(
        name, 'hoso_so_tiep_nhan=so.total(\\"tiep_nhan\\")', 'hoso_so_tiep_nhan=so.total(\\"ky_truoc\\")'
    )
    issued.commit()
    audit = issued.audit("--today", check=1)
    value = next(one for one in audit["values"] if one["name"] == "hoso_so_tiep_nhan")
    assert value["verdict"] == "code-changed"
    assert value["before"] != value["after"]
    assert [reason["where"] for reason in value["reasons"]] == [f"{name}#cell 5"]


def test_an_edited_document_is_told_from_the_one_that_was_issued_and_shows_in_the_table_of_all(issued):
    path = issued.edition / "kstthc.docx"
    path.write_bytes(path.read_bytes() + b"\0")
    lines = issued.run("audit", "--all", check=1).stdout.splitlines()
    assert [line.split(":")[0].strip() for line in lines if "altered" in line][1:] == ["file kstthc.docx"]
    assert lines[-2].split()[0] == "period"
    assert lines[-1].split()[:2] == [PERIOD, "1"]
    assert lines[-1].endswith("values identical")


def test_an_edition_needs_a_clean_repository_and_is_issued_once(issued):
    assert "--correction" in issued.run("issue", PERIOD, check=2).stderr
    (issued.root / "notebooks" / "x.ipynb").write_text("{}", encoding="utf-8")
    said = issued.run("issue", PERIOD, "--correction", "x", check=2).stderr
    assert "notebooks/x.ipynb" in said


def test_an_archive_is_checked_without_running_it_and_made_again_where_asked(issued, tmp_path):
    target = tmp_path / "hồ sơ.zip"
    issued.run("archive", PERIOD, "--output", str(target))
    with zipfile.ZipFile(target) as bundle:
        assert any(name.endswith("/data/README.md") for name in bundle.namelist())
    checked = json.loads(issued.run("audit", str(target), "--json", check=1).stdout)
    assert {one["verdict"] for one in checked["values"]} == {"cannot-check"}
    assert any("every file" in note for note in checked["notes"])
    with zipfile.ZipFile(target) as bundle:
        bundle.extractall(tmp_path / "đã mở")
    assert "it is no bag" in issued.run("audit", str(tmp_path / "đã mở"), check=2).stderr
    [unpacked] = (tmp_path / "đã mở").iterdir()
    again = json.loads(issued.run("audit", str(unpacked), "--run-code", "--json", check=0).stdout)
    assert again["good"]
