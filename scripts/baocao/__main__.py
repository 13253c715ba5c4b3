"""``python -m baocao``."""

from __future__ import annotations

from baocao.cli.commands import main

main()
