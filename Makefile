# The two commands a reader needs are `make book` and `make test`.  Both first make the environment if it is missing.
PYTHON ?= python3
INSTALLER ?= auto
WHEELS ?=
VENV := .venv/bin

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help environment book test lock wheels clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "PYTHON=/path/to/python3.12 names another Python; WHEELS=folder installs from a folder, without a network;"
	@echo "INSTALLER=pip leaves uv aside; UPGRADE=yes lets make lock move every pin."

environment: ## Make .venv from requirements.lock, or do nothing if it is right
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { echo "Environment: there is no $(PYTHON) on PATH; name Python 3.11 or newer: make book PYTHON=/path/to/python3.12" >&2; exit 1; }
	@"$(PYTHON)" tools/environment.py --installer "$(INSTALLER)" $(if $(WHEELS),--wheels "$(WHEELS)")

book: environment ## Build the report: HTML and PDF, every number recomputed
	@$(VENV)/platformlabour book

test: environment ## Run every gate: style, tests, a clean build, tests of the built pages
	@$(VENV)/python tools/run_tests.py

lock: environment ## Resolve the dependencies anew into requirements.lock (needs uv and a network)
	@$(VENV)/python tools/lock.py $(if $(UPGRADE),--upgrade)

wheels: ## Fill WHEELS=folder with all packages, for a machine without a network
	@"$(PYTHON)" -m pip download --require-hashes --only-binary :all: -r requirements.lock -d "$(or $(WHEELS),wheels)"

clean: ## Remove the environment and everything built
	@rm -rf .venv _build
