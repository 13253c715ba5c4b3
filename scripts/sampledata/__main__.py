"""Write the sample submissions: ``python scripts/sampledata [--out DIR]``."""

from __future__ import annotations

import argparse
from pathlib import Path

from baocao.project.folder import find_project
from sampledata.facts import Facts
from sampledata.generate import Generator, write_file


def main() -> None:
    """Write every file of the sample under the folder asked for."""
    parser = argparse.ArgumentParser(description="Write the sample submissions, the same every time.")
    parser.add_argument("--root", help="project folder; default: the one this file lies in")
    parser.add_argument("--out", type=Path, help="folder to write to; default: data/raw of the project")
    arguments = parser.parse_args()
    project = find_project(arguments.root or Path(__file__).resolve().parents[2])
    out = arguments.out or project.root / "data" / "raw"
    written = total = size = 0
    for name, content in Generator(project.params, Facts()).files():
        written += write_file(out / name, content)
        total += 1
        size += len(content)
    print(f"{total} workbooks, {size / 1e6:.1f} MB, {written} of them new or changed.")


if __name__ == "__main__":
    main()
