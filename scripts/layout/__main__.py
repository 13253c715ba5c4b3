"""``python -m layout``: write ``reports/_extensions`` of this repository as the house of its reports brings it."""

from __future__ import annotations

import shutil
from pathlib import Path

from baocao.intake.starting import copy_layout
from baocao.project.folder import find_project

project = find_project(Path(__file__).resolve().parents[2])
shutil.rmtree(project.reports / "_extensions")
copy_layout(project.house.layout, project)
