PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# The tests start many processes, which would each compile the sources anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help environment demo tables catalogue noise-kinds docs test slow lint types imports format clean

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*##/ —/'

environment: $(VENV)/.ready ## the Python environment in .venv, with pinned versions

$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12"; exit 1; }
	@echo "Making the environment in $(VENV): a Python of its own and the pinned libraries (torch, ray and others)."
	@echo "Some gigabytes are downloaded and unpacked, once; pip says below what it is at."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --progress-bar on --constraint constraints.txt --editable ".[dev]"
	@echo "The environment is ready: . $(BIN)/activate"
	@touch $@

demo: environment ## the demo grid, its tables, tests, figure and page
	$(BIN)/python -m benchmark run --grid demo

tables: environment ## every report under results/measured again, and what explain says of them
	$(BIN)/python -m benchmark.analysis.scores.measured_priors
	$(BIN)/python -m benchmark.analysis.verdict.measured_archives
	for archive in results/measured/*/records.parquet; do \
		$(BIN)/python -m benchmark report $$archive --out $$(dirname $$archive) > /dev/null || exit 1; \
	done
	$(BIN)/python -m benchmark report --paper dygen --out results/measured/paper-dygen > /dev/null
	$(BIN)/python -m benchmark.cli.detection --out results/measured/detection --again
	$(BIN)/python -m benchmark.analysis.expectations
	$(BIN)/python -m benchmark.experiment.measured_archives
	$(BIN)/python -m benchmark.analysis.verdict.report_card
	$(BIN)/python -m benchmark.analysis.validation

catalogue: environment ## the tables of README.md and docs/catalogue.md, from what is registered
	$(BIN)/python -m benchmark.cli.catalogue

noise-kinds: environment ## the table and the figure of docs/kinds-of-noise.md, from the corpora at hand
	$(BIN)/python -m benchmark noise kinds --page docs/kinds-of-noise.md > /dev/null

docs: environment ## the manual, served on this machine until Ctrl-C
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve --strict

test: lint types imports ## everything that must pass: lint, types, import rules, tests
	$(BIN)/python -m pytest -n 2 --dist worksteal

slow: environment ## the tests that take longer, for a change that is ready
	$(BIN)/python -m pytest -n 2 --dist worksteal -m slow

lint: environment
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: environment
	$(BIN)/mypy

imports: environment
	$(BIN)/lint-imports

format: environment ## put imports and layout in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove the environment and caches, never results
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache .hypothesis
