# Everything works from nothing but Python 3.11 and make: the first target that needs the environment makes it.
PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# With busy cores, waiting OpenMP threads that spin make a solve up to forty times slower; passive ones do not.
export OMP_WAIT_POLICY ?= PASSIVE

# Files in their order: the long ones of integration begin first, and many short ones fill both processes to the end.
FAST := -m "not slow and not timing" -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help install demo kernels test test-all test-timing programs coverage studio studio-test fuzz soak lint format hooks docs wheels wheels-check lock gen clean

help:  ## Show the targets.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[all]'
	@touch $@

install: $(STAMP)  ## Make the environment in .venv.

demo: $(STAMP)  ## Turn the sample photo into a character: out/demo/{character.json,character.png,report.html}.
	$(BIN)/python examples/sample_photo.py out/demo.png
	$(BIN)/f2p create out/demo.png --out out
	@ls -l out/demo

kernels: $(STAMP)  ## Compile the reference engine's kernels, where they are not yet: once a machine, two or three minutes.
	$(BIN)/engine-bridge render --out $(VENV)/average.png --size 64

test: kernels  ## Run the fast suite, in two processes.
	$(BIN)/python -m pytest $(FAST)

test-all: kernels  ## Run every test that needs neither a network nor an idle machine.
	$(BIN)/python -m pytest -m "not index and not timing"

test-timing: $(STAMP)  ## Run the tests that assert seconds; nothing else should run meanwhile.
	$(BIN)/python -m pytest -m "timing and not slow"

programs: kernels  ## Run the README's programs and commands, and the notebook.
	$(BIN)/python -m pytest tests/programs

coverage: kernels  ## Run the fast suite and say which lines it reaches: out/coverage/index.html.
	$(BIN)/python -m pytest $(FAST) --cov --cov-report=term:skip-covered --cov-report=html

fuzz: $(STAMP)  ## Send 20,000 hostile photos and requests to a server; call it again to go on.
	$(BIN)/python tests/fuzz/campaign.py --out out/fuzz.jsonl

soak: $(STAMP)  ## Load a server with 2,000 visits, a third of which leave midway: memory must stay.
	F2P_SOAK=2000 $(BIN)/python -m pytest tests/integration/test_soak.py

# The pages of `f2p serve`; their build is committed, so that only who changes them needs Node.
studio/node_modules/.package-lock.json: studio/package-lock.json
	npm --prefix studio ci --no-audit --no-fund
	@touch $@

studio: studio/node_modules/.package-lock.json  ## Build the studio's pages: f2p/studio. Needs Node 20.
	npm --prefix studio run build

studio-test: $(STAMP) studio/node_modules/.package-lock.json  ## Test them, in Chromium against a server too; F2P_CHROMIUM names the browser.
	npm --prefix studio run check
	npm --prefix studio test
	F2P_PYTHON=$(abspath $(BIN))/python npm --prefix studio run e2e

lint: $(STAMP)  ## Check style, types and imports.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(STAMP)  ## Put the style right.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

hooks: $(STAMP)  ## Have git check style and types before each commit.
	$(BIN)/pre-commit install

docs: $(STAMP)  ## Build the documentation site: out/site/index.html.
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

wheels: $(STAMP)  ## Build the four wheels: dist/.
	$(BIN)/python packaging/build.py dist

wheels-check: $(STAMP)  ## Build the wheels and install each alone; needs a package index, and 7 GB in the temporary folder.
	$(BIN)/python -m pytest -m index

lock: $(STAMP)  ## Resolve all requirements anew: uv.lock. `uv sync --locked --all-extras` installs what it says.
	$(BIN)/uv lock --upgrade

gen: $(STAMP)  ## Generate f2p/v1, Envoy's descriptor, docs/protocol.md, openapi.json and the table of settings.
	$(BIN)/python scripts/generate_stubs.py
	$(BIN)/python scripts/generate_reference.py
	$(BIN)/python scripts/generate_openapi.py
	$(BIN)/python scripts/generate_settings.py

clean:  ## Remove what the targets wrote, the environment too.
	rm -rf out .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage build dist $(VENV)
