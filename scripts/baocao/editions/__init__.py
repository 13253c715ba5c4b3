"""Issued editions: frozen, audited, packed."""
