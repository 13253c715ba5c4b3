"""Tests speak English, and those that are marked ``vietnamese`` Vietnamese."""

from __future__ import annotations

import os

import pytest

os.environ["BAOCAO_LANG"] = "en"


def pytest_runtest_setup(item: pytest.Item) -> None:
    os.environ["BAOCAO_LANG"] = "vi" if item.get_closest_marker("vietnamese") else "en"
