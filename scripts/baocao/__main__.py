"""``python -m baocao``."""

from __future__ import annotations

from baocao.cli.main import main

main()
