# Works with nothing but make and Python >= 3.11: make demo, make test. PYTHON=python3.13 chooses another.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all:
# Databases of tests live in memory where the system offers that; the drills use the real disk.
PYTEST := $(if $(wildcard /dev/shm),PYTEST_DEBUG_TEMPROOT=/dev/shm) $(PY) -W error -m pytest
FAST := not browser and not drill and not slow
# Two processes: more would measure the machine and not the product.
PARALLEL ?= -n 2
# The fast run is SQLite's; these rooms of the tests run a second time on the other database.
ON_POSTGRESQL = LMS_TEST_DATABASE=postgresql $(PYTEST) $(PARALLEL) -m "not browser and not drill" \
	tests/services tests/web tests/command tests/demo $(HOST)
HOST := $(addprefix tests/host/test_,arriving.py answers.py made_meanwhile.py walk.py)
POT := var/messages.pot
CATALOGUE := lms/translations/ro/LC_MESSAGES/messages
KEYWORDS := -k N_ -k lazy

.DEFAULT_GOAL := help
.PHONY: help demo env test fast lint browser slow drills storm postgresql bench bench-browser migration styles messages wheel-test

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.runtime ## Show Parcurs with fictional people at http://127.0.0.1:8000
	$(PY) -m lms demo

env: $(VENV)/.test ## Make .venv with everything the product and its tests need

test: env lint ## Everything: lint, fast tests, builds, PostgreSQL, then browser and drills
	$(PYTEST) $(PARALLEL) -m "$(FAST)"
	$(PYTEST) $(PARALLEL) -m "slow and not browser and not drill"
	$(ON_POSTGRESQL)
	$(PYTEST) -m "browser or drill"

fast: env ## Tests that need no browser and no minutes
	$(PYTEST) $(PARALLEL) -m "$(FAST)"

browser: env ## Journeys through a real Chromium
	$(PYTEST) -m browser

slow: env ## Drills and builds
	$(PYTEST) -m "drill or slow"

drills: env ## What is broken on purpose: killed, stormed at the deadline, two servers
	$(PYTEST) -m drill

storm: env ## The whole deadline storm: 300 people, 60 seconds, both databases
	PYTHONPATH=.:tests $(PY) -m drills.storm --database sqlite
	PYTHONPATH=.:tests $(PY) -m drills.storm --database postgresql

postgresql: env ## What talks to a database, once more on PostgreSQL
	$(ON_POSTGRESQL)

bench: env ## Measure beside the bare limit (needs wrk); tables, var/bench/report.html
	PYTHONPATH=tests:. $(PY) -m bench

bench-browser: env ## A learner's pages in Chromium on a slow computer and line: bytes, shift, paint, tasks
	PYTHONPATH=tests:. $(PY) -m bench.browser

lint: env ## Style, types, floors, course files
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache
	$(PY) -m lms content check --quiet

migration: env ## The next numbered migration: make migration m="what changes"
	$(PY) -m migrations.new_revision "$(m)"
	$(VENV)/bin/ruff format --quiet migrations/versions

styles: env ## Take anew from Bootstrap what templates and scripts use
	PYTHONPATH=tests $(PY) -m house.bootstrap_parts

messages: env ## Collect texts from the code, bring the Romanian catalogue up to date, compile it
	mkdir -p var
	$(VENV)/bin/pybabel --quiet extract -F babel.cfg $(KEYWORDS) --no-location --sort-output \
		--project=Parcurs --copyright-holder="the Parcurs authors" -o $(POT) .
	$(VENV)/bin/pybabel --quiet update -l ro -i $(POT) -o $(CATALOGUE).po --no-fuzzy-matching \
		--ignore-obsolete --no-wrap --ignore-pot-creation-date
	$(VENV)/bin/pybabel --quiet compile -l ro -i $(CATALOGUE).po -o $(CATALOGUE).mo --statistics

wheel-test: env ## Build the wheel through the sdist, install it alone, open a page
	$(PYTEST) tests/house/test_wheel.py

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.test: requirements-test.txt | $(VENV)/bin/python
	$(PIP_INSTALL) -r requirements-test.txt
	@touch $@ $(VENV)/.runtime

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Parcurs needs Python 3.11 or newer: make PYTHON=python3.13 demo' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo 'No venv in this Python: apt-get install python3-venv' >&2; exit 1; }
