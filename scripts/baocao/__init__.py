"""Quarterly administrative reports from submitted workbooks, every printed number traced to its cells."""

from __future__ import annotations

__version__ = "0.1.0"
