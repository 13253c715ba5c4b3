"""
The seeded generator of the sample submissions under ``data/raw``.

Published totals come from ``published.csv``, everything else (``shape.yaml``, ``cchc.yaml``,
``fields.csv``, ``words.yaml``) is made up and only looks like a city. It
imports the layout of the forms from :mod:`baocao`, nothing imports it.
"""
