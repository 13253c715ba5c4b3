"""How the format extension that lies under ``reports/`` in this repository is made; a project gets its own from ``init``."""
