# `make run` opens the workbench on the demo data; `make test` runs every test. Both make the virtual environment first.

VENV   ?= .venv
PYTHON ?= python3
PORT   ?= 8501
# Given to every `pip install`.
PIP_FLAGS ?=
# One worker more than cores, four at most: what starts processes, servers and browsers waits for them.
WORKERS ?= $(shell $(PY) -c "import os; print(min((os.cpu_count() or 1) + 1, 4))")
PY     := $(VENV)/bin/python

# Tests, pages and runs start processes by the hundred: what one compiled, the next one loads.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint install dev compiled wheel docs constraints screenshots clean help

help:            ## list the targets
	@grep -E '^[a-z]+: .*##|^[a-z]+:  +##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

run: install $(VENV)/.compiled   ## open the workbench in the browser (PORT=8501)
	@$(PY) -m workbench app --port $(PORT)

test: dev $(VENV)/.compiled      ## unit, contract, page, notebook and browser tests
	@$(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: dev        ## ruff and mypy
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy

install: $(VENV)/.installed      ## the virtual environment with requirements.txt

dev: $(VENV)/.installed-dev      ## the same with what the tests need

compiled: dev $(VENV)/.compiled  ## what numba compiles, before tests and pages need it

$(VENV)/bin/python:
	@$(PYTHON) scripts/make_venv.py $(VENV)

$(VENV)/.installed: requirements.txt constraints.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing requirements.txt (the first time takes a few minutes) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check $(PIP_FLAGS) -r requirements.txt
	@touch $@

$(VENV)/.compiled: | $(VENV)/.installed
	@echo "Compiling the loops over judgements (once, about a minute) ..."
	-@$(PY) -m workbench.cli.compile_ahead
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	@echo "Installing requirements-dev.txt ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check $(PIP_FLAGS) -r requirements-dev.txt
	@touch $(VENV)/.installed $@

wheel: dev       ## build the wheel, and try it in an empty environment
	@$(PY) .ci/try_wheel.py

docs: dev        ## the API reference and the guides as a site, in site/
	@$(PY) -m pip install --quiet --disable-pip-version-check $(PIP_FLAGS) -r requirements-docs.txt
	@NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --quiet

constraints: dev ## write down the versions installed here as those that were tested
	@{ echo "# Versions the tests ran with; make constraints writes this file, and requirements.txt holds to it."; \
	  $(PY) -m pip freeze --exclude-editable | sed 's/+[a-z0-9.]*$$//' | grep -v '@'; } > constraints.txt.new
	@mv constraints.txt.new constraints.txt

screenshots: dev ## the pictures of the README and the docs, from the real pages
	@$(PY) docs/make_screenshots.py

clean:           ## remove the virtual environment and caches
	rm -rf $(VENV) dist site .pytest_cache .mypy_cache .ruff_cache
