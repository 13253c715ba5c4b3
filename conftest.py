"""Tests speak English unless they say otherwise."""

from __future__ import annotations

import os

os.environ["BAOCAO_LANG"] = "en"
