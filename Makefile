# Envoi. `make` alone lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: help demo test check bench simulate mutants fuzz vulnerabilities clean lock

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/'

demo: $(VENV)/ready ## Pay by tweet on this machine; PROGRAMME=rakuten: by Messenger, in yen
	@PROGRAMME=$(PROGRAMME) $(RUN) -m local.demo

test: $(VENV)/ready ## Run every test (about twelve minutes on two cores)
	$(RUN) -m pytest -n 3 --dist loadfile --no-loadscope-reorder

check: $(VENV)/ready ## Lint, types, template, architecture
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/cfn-lint "$$($(RUN) -m local.package)"
	$(RUN) -m pytest -q tests/test_architecture.py

bench: $(VENV)/ready ## Measure what a payment costs
	$(RUN) -m bench

simulate: $(VENV)/ready ## Run a million confirms with faults in the simulator (six minutes)
	@$(RUN) -m tests.simulation

mutants: $(VENV)/ready ## Weaken each condition and change the code; tests must notice (a quarter of an hour; installs mutmut)
	@$(RUN) -m tests.simulation --mutants docs/mutants.md
	@VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install -q mutmut==3.8.1
	@$(RUN) -m tests.mutants --page docs/code-mutants.md

fuzz: $(VENV)/ready ## Fuzz the two public doors for a minute, led by coverage (installs atheris)
	@VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install -q atheris
	$(RUN) -m tests.fuzz.coverage --seconds 60

vulnerabilities: $(VENV)/ready ## Ask for known vulnerabilities in what is shipped
	@$(RUN) -m local.vulnerabilities

clean: ## Stop the local AWS; remove the environment and all local state
	@[ ! -x $(RUN) ] || $(RUN) -m local down || true
	rm -rf $(VENV) .local .chalice/deployments mutants.jsonl .mypy_cache .ruff_cache .pytest_cache .hypothesis

lock: $(VENV)/ready ## Renew the lock files from pyproject.toml
	$(VENV)/bin/uv pip compile pyproject.toml --universal --generate-hashes --no-header -q --upgrade -o requirements.txt
	$(VENV)/bin/uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-header -q --upgrade -o requirements-dev.txt

# uv sets the environment up in a fifth of pip's time; pip stays, as Chalice packages with it.
$(VENV)/ready: requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Envoi needs Python 3.11 or later; say which with: make PYTHON=python3.13" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) lacks venv; on Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV)..."
	@$(PYTHON) -m venv $(VENV)
	@$(RUN) -m pip install -q --disable-pip-version-check uv==$(UV_VERSION)
	@VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install -q --require-hashes -r requirements-dev.txt
	@touch $@
