# `make run` and `make test` need Python >= 3.11, make and git, and bring everything else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BENCH_READY := $(VENV)/.bench-ready

.PHONY: run reset test test-long lint bench chaos format lock openapi clean
.DEFAULT_GOAL := run

run: $(READY)
	@$(BIN)/python -m backend.cli local run

reset:
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m backend.cli local reset; else rm -rf .local; fi

test: $(READY)
	@$(BIN)/python -m pytest

test-long: $(READY)
	@$(BIN)/python -m pytest -m long -n 0 -o faulthandler_timeout=900

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: $(READY)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(BENCH_READY)
	@$(BIN)/python -m tests.benchmarks
	@$(BIN)/python -m tests.benchmarks.diary
	@$(BIN)/python -m tests.benchmarks.register
	@$(BIN)/python -m tests.benchmarks.push
	@$(BIN)/python -m tests.benchmarks.live
	@$(BIN)/python -m tests.benchmarks.fanout

# Kills, restarts and faults under load, for twelve minutes at most. CHAOS="--minutes 3 --kills 30 --seed 7"
chaos: $(READY)
	@$(BIN)/python -m tests.chaos $(CHAOS)

# The committed picture of the API. A changed one must be meant: read the diff.
openapi: $(READY)
	@$(BIN)/python -m backend.cli openapi > docs/openapi.json

# Exact versions of everything, without any index address.
lock: $(READY)
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header pyproject.toml -o requirements.lock $(LOCKFLAGS)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --extra local --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock $(LOCKFLAGS)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --extra bench -c requirements-dev.lock pyproject.toml -o requirements-bench.lock $(LOCKFLAGS)

clean: reset
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(READY): requirements-dev.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing: install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) --version) is too old: My Diary needs Python 3.11 or newer; name one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing: install it (on Debian and Ubuntu: apt install python3-venv) and try again"; exit 1; }
	@echo "Setting up $(VENV) (the first time takes a minute or two)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(BENCH_READY): requirements-bench.lock $(READY)
	@echo "Adding to $(VENV) what the benchmarks compare with"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $@
