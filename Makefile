# Two commands: `make demo` shows what Counterpart does, `make test` proves it.
# Each makes .venv/ if it is not there, and does nothing else to the machine.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test format lock clean

demo: .venv/ready
	$(BIN)/counterpart demo

test: .venv/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n auto

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# For developers: the house style applied, and the lock file made anew from pyproject.toml.
format: .venv/ready
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

lock:
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--group dev --output-file requirements.lock pyproject.toml

clean:
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis
