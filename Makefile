# make report [PERIOD=2026-Q1]   the reports of a period, from data/raw to reports/
# make test                      everything that must hold
# Both set up .venv first, on a machine that has Python 3.11+, make and pip.

QUARTER ?= 2026-Q1
PERIOD ?= $(QUARTER)
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help install report check test lint messages layout pictures lab lock bench cluster damage clean
.DEFAULT_GOAL := help

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

# Under LC_ALL=C Python cannot start from a path with diacritics in a .pth; a relative one holds none.
# The stamp is made last, so an installation that was cut short is begun again.
.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --compile -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --compile --editable .
	for path in .venv/lib/python*/site-packages/_editable_impl_baocao.pth; do echo ../../../../scripts > "$$path"; done
	touch $@

install: .venv/installed  ## set up .venv from the lock

report: .venv/installed  ## build the reports of PERIOD and the pages to review them in
	$(BIN)/baocao build $(PERIOD)
	$(BIN)/baocao review $(PERIOD)

check: .venv/installed  ## check the submissions of PERIOD
	$(BIN)/baocao check $(PERIOD)

lint: .venv/installed  ## style, types, direction of imports
	$(BIN)/ruff check scripts tests notebooks
	$(BIN)/ruff format --check scripts tests notebooks
	$(BIN)/mypy
	$(BIN)/lint-imports

messages: .venv/installed  ## bring the catalogues of sentences up to date
	$(BIN)/python -m messages

pictures: .venv/installed  ## take the pictures of docs/ anew; needs LibreOffice, Chromium, faketime
	PYTHONPATH=scripts $(BIN)/python -m manual

layout: .venv/installed  ## write reports/_extensions anew after a change of the layout in scripts/
	$(BIN)/python -m layout

test: .venv/installed lint  ## everything that must hold
	$(BIN)/pytest -n 2 --dist worksteal -q

damage: .venv/installed  ## damage an issued quarter in every way we know; takes minutes
	$(BIN)/pytest -n 2 --dist worksteal -q tests/damage

bench: .venv/installed  ## speed, side by side
	$(BIN)/python tests/bench/run.py

WORKERS ?= 2
cluster: .venv/installed  ## a Dask cluster on this machine, until it is interrupted: build --scheduler tcp://127.0.0.1:8786
	trap 'kill 0' EXIT; $(BIN)/dask scheduler --host 127.0.0.1 --port 8786 --no-dashboard & \
		$(BIN)/dask worker tcp://127.0.0.1:8786 --nworkers $(WORKERS) --nthreads 1 --no-dashboard

# An environment of its own, whose kernel is that of .venv: JupyterLab would move packages away from the lock.
.lab/installed: .venv/installed
	$(PYTHON) -m venv .lab
	.lab/bin/python -m pip install --quiet --disable-pip-version-check "jupyterlab>=4.2"
	$(BIN)/python -m ipykernel install --prefix .lab --name python3 --display-name baocao
	touch $@

lab: .lab/installed  ## JupyterLab for working on the notebooks
	.lab/bin/jupyter lab --notebook-dir notebooks

# uv writes no address of where packages come from unless told to, and its header and notes are left out.
lock:  ## compile requirements.lock anew
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --quiet --output-file requirements.lock

clean:  ## remove what can be built again
	rm -rf data/processed reports/2[0-9][0-9][0-9]*/notebooks .pytest_cache .mypy_cache .ruff_cache
