# Commune's commands. `make` alone lists them.

SHELL := /bin/sh
PYTHON ?= $(shell commune/run/python)
VENV := .venv/bin
# More than there are cores: tests of browsers and processes mostly wait.
PYTEST_WORKERS ?= 3

.DEFAULT_GOAL := help
.PHONY: help run install test test-long bench budgets search-quality check lint-templates messages clean

help:  ## Show this list
	@echo "make COMMAND, where COMMAND is"
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'
	@echo "HOST, PORT, COMMUNE_HOME, DATABASE_URL, REDIS_URL and DEMO=0 are honoured: see docs/running.md."

run: install  ## Run Commune: everything it needs, then the address and the logins
	@exec $(VENV)/python -m commune.run

install:  ## Make .venv and install into it (the other commands do so by themselves)
	@test -n "$(PYTHON)" || { echo "Commune needs Python 3.11 or newer: install it (for example 'apt install python3'), or name one with make PYTHON=/path/to/python3." >&2; exit 1; }
	@$(PYTHON) commune/run/install.py

test: install  ## Run the tests, with a real PostgreSQL, a real Redis and a real Chromium
	@COMMUNE_CHROMIUM="$$($(VENV)/python -m commune.run.browser)" && export COMMUNE_CHROMIUM && exec $(VENV)/python -m pytest -n $(PYTEST_WORKERS) --dist worksteal

test-long:  ## The same, with the long tests at full size
	@COMMUNE_TEST_LONG=1 $(MAKE) --no-print-directory test

budgets: install  ## Measure what a first visit costs, in a real Chromium, beside what is allowed
	@COMMUNE_CHROMIUM="$$($(VENV)/python -m commune.run.browser)" && export COMMUNE_CHROMIUM && exec $(VENV)/python -m commune.run.budgets

check: install  ## Style, types, layers, templates, migrations, translations
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	COMMUNE_DEVELOPMENT=1 $(VENV)/mypy
	$(VENV)/lint-imports
	@$(MAKE) --no-print-directory lint-templates
	$(VENV)/python manage.py makemigrations --check --dry-run
	$(VENV)/python manage.py catalogue check

bench: install  ## What hostile input costs, at a size and at twice that size; lists on TOPICS topics (a million)
	$(VENV)/python manage.py bench
	$(VENV)/python -m commune.bench.large

search-quality: install  ## Ask search a judged set of questions on the archives that COMMUNE_ARCHIVES names
	$(VENV)/python manage.py search_quality

lint-templates: install  ## Templates alone
	$(VENV)/djlint templates --lint --quiet

messages: install  ## Collect what is to be translated into locale/
	$(VENV)/python manage.py catalogue update

clean:  ## Remove .venv and caches; never .local, where the data is
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -path ./.local -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +
