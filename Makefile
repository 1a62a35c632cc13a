# Envoi. `make` alone lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: help demo test check bench clean lock

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/'

test: $(VENV)/ready ## Run every test (10 minutes at most)
	$(RUN) -m pytest -n 2 --dist loadgroup

check: $(VENV)/ready ## Lint, types, template, architecture
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(RUN) -m pytest -q tests/test_architecture.py

clean: ## Remove the environment and all local state
	rm -rf $(VENV) .local .chalice/deployments .mypy_cache .ruff_cache .pytest_cache .hypothesis

lock: $(VENV)/ready ## Renew the lock files from pyproject.toml
	$(VENV)/bin/uv pip compile pyproject.toml --universal --generate-hashes --no-header -q --upgrade -o requirements.txt
	$(VENV)/bin/uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-header -q --upgrade -o requirements-dev.txt
