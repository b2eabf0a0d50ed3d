# Two commands do everything on a machine with Python 3.11 or newer and make: `make demo` and `make test`.
# PYTHON=... names one; otherwise the fastest of the machine's is taken.
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
CODE := $(wildcard src tests bench checks)
UV_COMPILE := uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --no-annotate \
	--python-version 3.11 --universal
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
# A process that may keep no bytecode compiles every module at each start; tests and servers start hundreds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help environment demo test check format bench chaos lock
.DEFAULT_GOAL := help

help:
	@echo "make environment         what the product runs in, in .venv; nothing is started"
	@echo "make demo [ARGS=--once]  environment, database, demo world, main job; leaves the hub open"
	@echo "make test [ARGS=...]     the whole suite, on a real PostgreSQL"
	@echo "make check               ruff, mypy, import contracts, sizes"
	@echo "make format              put every file in ruff's format"
	@echo "make bench [ARGS=...]    measure, and write bench/results.md"
	@echo "make chaos [ARGS=...]    the long form of the tests, with their planted faults"
	@echo "make lock [ARGS=-U]      lock the requirements again (needs uv)"

environment: $(VENV)/.web

demo: $(VENV)/.web
	$(BIN)/veta demo $(ARGS)

test: $(VENV)/.test
	@sh checks/install_browser.sh
	@sh checks/install_strace.sh
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

chaos: $(VENV)/.test
	@sh checks/install_strace.sh
	$(BIN)/python -m pytest -m chaos $(ARGS)

bench: $(VENV)/.test
	$(BIN)/python -m bench $(ARGS)

check: $(VENV)/.test
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports
	$(BIN)/python -m checks.sizes

format: $(VENV)/.test
	$(BIN)/ruff check --fix-only $(CODE)
	$(BIN)/ruff format $(CODE)

lock:
	@command -v uv > /dev/null || { echo "make lock needs uv: pip install uv"; exit 1; }
	$(UV_COMPILE) $(ARGS) pyproject.toml -o requirements/runtime.txt
	$(UV_COMPILE) $(ARGS) pyproject.toml --extra test -o requirements/test.txt
	$(UV_COMPILE) $(ARGS) requirements/build.in -o requirements/build.txt

# The environment, in steps that are not repeated until what they depend on changes.
$(BIN)/python:
	@sh checks/make_environment.sh $(VENV) $(PYTHON)

$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	$(BIN)/python -m pip install --no-deps --no-build-isolation --editable .
	@touch $@

# The reader of QR pictures, from npm by its lock file; without it «/verificar/» and the counter take a text.
$(VENV)/.web: src/veta/hub/web/package-lock.json checks/web.py $(VENV)/.runtime
	@$(BIN)/python -m checks.web && touch $@ || \
		echo "The reader of QR pictures was not fetched; run make again with a network."

$(VENV)/.test: requirements/test.txt $(VENV)/.web
	$(BIN)/python -m pip install --require-hashes -r requirements/test.txt
	@touch $@
