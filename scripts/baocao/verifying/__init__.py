"""Finished files and foreign texts, held against the values."""
