# Two commands: `make nightly` and `make test`. Both set everything up from uv.lock first, once.
#   PROGRAMME=/path/to/folder make nightly     another programme than the sample
#   AS_OF=2026-05-01 make nightly              the goals as they stood on a day

PYTHON ?= python3
UV_VERSION := 0.13.9
UV := .tools/bin/uv
SET_UP := .venv/.set-up
MANIFEST := dbt_project/target/manifest.json
DBT_FILES := $(shell find dbt_project -type d \( -name target -o -name logs -o -name __pycache__ \) -prune -o -type f ! -name .user.yml -print)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help nightly rebuild onboard border test lint ui sample clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

nightly: $(MANIFEST) ## the whole nightly job on PROGRAMME (the sample programme unless set)
	@.venv/bin/python -m orchestration.nightly

rebuild: $(MANIFEST) ## the same, after forgetting everything that was derived from landing
	@.venv/bin/python -m orchestration.nightly --rebuild

ui: $(MANIFEST) ## the Dagster UI on PROGRAMME, at http://127.0.0.1:3000
	@.venv/bin/python -m orchestration.ui

onboard: $(SET_UP) ## what FILE=/path/to/export is, and its entry in extracts.yml
	@.venv/bin/python -m orchestration.onboarding "$(FILE)"

border: $(MANIFEST) ## proves that reach stays apart from results; with COLUMN=results.orders.net_revenue, what that is made of
	@.venv/bin/python -m orchestration.lineage $(if $(COLUMN),"$(COLUMN)")

test: $(MANIFEST) lint ## every test
	@.venv/bin/python -m pytest

lint: $(SET_UP) ## style of the Python code
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

sample: $(SET_UP) ## writes the sample programme anew
	@.venv/bin/python sample/generate.py

clean: ## removes what was set up, not what was loaded
	rm -rf .venv .tools dbt_project/target dbt_project/logs

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "This needs Python 3.11, 3.12 or 3.13; $(PYTHON) is $$($(PYTHON) -V 2>&1). Say which one: make PYTHON=python3.12 …" >&2; exit 1; }
	@echo "Setting up, once…"
	@$(PYTHON) -m venv .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(SET_UP): uv.lock pyproject.toml | $(UV)
	@# A network with a certificate authority of its own needs the system's certificates, a bare machine has none.
	@$(UV) sync --frozen --quiet --python $(PYTHON) || $(UV) sync --frozen --quiet --python $(PYTHON) --system-certs
	@touch $@

# Dagster reads the dbt project from this file.
$(MANIFEST): $(DBT_FILES) $(SET_UP)
	@cd dbt_project && ../.venv/bin/dbt --quiet --no-partial-parse parse
	@touch $@
