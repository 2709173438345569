# Two commands matter: `make demo` and `make test`. Both set up .venv first, once; after that
# they need no network. Neither needs root or Docker.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo examples test check unit sweep bench kind-up kind-down lock clean

help:
	@echo "make demo    set up, then run a whole game day on an embedded shop (about a minute)"
	@echo "make test    set up, then every gate: format, lint, types, imports, tests"
	@echo "make check   only format, lint, types and imports"
	@echo "make examples  play the demo's stories and keep their reports in reports/examples"
	@echo "make sweep   kill processes at hundreds of points and count what is left"
	@echo "make bench   the benchmarks, one JSON line each"
	@echo "make kind-up the demo shop on a local Kubernetes (needs Docker, kind and kubectl); make kind-down"
	@echo "make lock    write requirements.txt and the image's anew from pyproject.toml (needs uv)"

$(READY): pyproject.toml requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "gameday needs Python 3.11 or newer; say which with: make PYTHON=python3.12 ..."; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src/gameday
	@touch $@

demo: $(READY)
	@echo "Running the demo: a small shop is started, broken, healed and scored."
	@$(BIN)/gameday demo

# The reports that are committed as examples: each of the demo's stories, played now.
examples: $(READY)
	@for story in responders nobody false-all-clear self-heal; do \
	  $(BIN)/gameday --store $$(mktemp -d)/demo.db demo --headless --story $$story \
	    --out reports/examples/$$story >/dev/null || [ $$? -eq 1 ] || exit 1; \
	done

check: $(READY)
	@echo "Format, lint, types, import contracts ..."
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

unit: $(READY)
	@echo "Tests with $$($(BIN)/python --version) ..."
	@tests/run $(BIN)/python $(PYTEST_ARGS)

sweep: $(READY)
	@echo "Killing processes of the installed wheel at hundreds of points; some ten minutes ..."
	@$(BIN)/python -m pytest -m sweep tests/sweep $(PYTEST_ARGS)

# Also with a newer Python, where the machine has one and this is not it.
test: check
	@newer=$$(tests/newer_python $(BIN)/python); \
	if [ -n "$$newer" ]; then \
	  $(MAKE) --no-print-directory $(VENV)-newer/.ready PYTHON="$$newer" VENV=$(VENV)-newer || exit 1; \
	  export NEWER=$(VENV)-newer/bin/python; \
	elif [ -n "$$GAMEDAY_REQUIRE_ALL" ]; then echo "no newer Python here, and all parts are required"; exit 1; \
	else echo "Skipped: tests with a newer Python (none found beside $$($(BIN)/python --version))."; fi; \
	echo "Tests with $$($(BIN)/python --version) ..."; \
	tests/run $(BIN)/python $(PYTEST_ARGS)
	@echo "All gates passed."

bench: $(READY)
	@$(BIN)/python -m compileall -q src/gameday benchmarks  # as an installed package is
	@$(BIN)/python -m benchmarks

kind-up: $(READY)  # gameday itself, which breaks what is put up here
	@deploy/kind up

kind-down:
	@deploy/kind down

# The image's needs no tools of ours, but the same releases: uv keeps those it finds in the file.
LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
  --no-emit-index-url pyproject.toml
lock:
	$(LOCK) --extra dev -o requirements.txt
	cp requirements.txt deploy/requirements.txt
	$(LOCK) --extra build -o deploy/requirements.txt

clean:
	rm -rf .venv .venv-newer .mypy_cache .ruff_cache .pytest_cache .hypothesis
