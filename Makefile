# Two commands: `make nightly` and `make test`. Both set everything up from uv.lock first, once.
#   PROGRAMME=/path/to/folder make nightly     another programme than the sample
#   AS_OF=2026-05-01 make nightly              the goals as they stood on a day

# A run starts several processes, and tests start hundreds: none compiles our code again.
export PYTHONDONTWRITEBYTECODE :=
PYTHON ?= python3
UV_VERSION := 0.13.9
PIP_AUDIT_VERSION := 2.10.1
UV := .tools/bin/uv
SET_UP := .venv/.set-up
# Tools that read what was published, each in an environment of its own.
BI := .tools/bi
MANIFEST := dbt_project/target/manifest.json
GROUPS_OF_SERVERS := $(addprefix --group ,pulling postgresql mysql s3 gs az sftp dagster-postgres servers)
DBT_FILES := $(shell find dbt_project -type d \( -name target -o -name logs -o -name __pycache__ \) -prune -o -type f ! -name .user.yml -print)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help new nightly nightly-all rebuild connections status diff explain plan-experiment forget alert audit onboard lineage superset metrics \
	prove-bi benchmark benchmark-engines test \
	test-servers test-slow test-spark lint ui sample \
	clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

# What settings.yml needs beside the base (clients of databases and object stores, Spark); asked only where it names any.
INSTALL_PACKAGES = if grep -qsE '^(connections|engine):' "$${PROGRAMME:-sample/programme}/settings.yml" $${PROGRAMMES:+"$$PROGRAMMES"/*/settings.yml}; then \
	groups=$$(.venv/bin/python -m orchestration.cli.packages) && { [ -z "$$groups" ] || { echo "Installing what settings.yml needs, once…"; \
	$(UV) sync --frozen --inexact --quiet --compile-bytecode --python $(PYTHON) $$groups \
	|| $(UV) sync --frozen --inexact --quiet --compile-bytecode --python $(PYTHON) $$groups --system-certs; }; }; fi

# Adds dependency groups to .venv: $(call ADD_GROUPS,--group postgresql)
ADD_GROUPS = { $(UV) sync --frozen --inexact --quiet --python $(PYTHON) $(1) \
	|| $(UV) sync --frozen --inexact --quiet --python $(PYTHON) $(1) --system-certs; }
INSTALL_SERVERS = tests/servers/install.sh; $(call ADD_GROUPS,$(GROUPS_OF_SERVERS))
INSTALL_SPARK = tests/spark/install.sh && $(call ADD_GROUPS,--group spark)

nightly: $(MANIFEST) ## the whole nightly job on PROGRAMME (the sample programme unless set)
	@$(INSTALL_PACKAGES)
	@.venv/bin/python -m orchestration.cli.nightly

nightly-all: $(MANIFEST) ## the nightly job on each programme in PROGRAMMES=/folder, one after the other
	@$(INSTALL_PACKAGES)
	@.venv/bin/python -m orchestration.cli.nightly_all

status: $(MANIFEST) ## last version, last and next run, targets and disk of PROGRAMME; exit status for monitors
	@$(INSTALL_PACKAGES)
	@.venv/bin/python -m orchestration.cli.status

rebuild: $(MANIFEST) ## the same, after removing everything that was derived from landing
	@$(INSTALL_PACKAGES)
	@.venv/bin/python -m orchestration.cli.nightly --rebuild

diff: $(SET_UP) ## what differs between two kept versions: the last two, or FROM=… and TO=…
	@.venv/bin/python -m orchestration.cli.diff

explain: $(SET_UP) ## why ORDER=… (and SHOP=…, where several shops have it) is credited as it is
	@# From the environment, so that a number may have quotes in it.
	@.venv/bin/python -m orchestration.cli.explain

plan-experiment: $(SET_UP) ## which experiment would prove GOAL=…, by person and by region; takes minutes, the next run publishes it
	@# From the environment, so that an id may have quotes in it.
	@.venv/bin/python -m orchestration.cli.plan_experiment

forget: $(MANIFEST) ## erases CUSTOMER=…, or each line of CUSTOMER_FILE=/path/to/file (- to type them), from PROGRAMME
	@$(INSTALL_PACKAGES)
	@# From the environment, so that an id may have quotes in it; from a file, it is in no shell's history.
	@.venv/bin/python -m orchestration.cli.forget

audit: $(UV) ## whether what is locked has known vulnerabilities (asks PyPI)
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==$(PIP_AUDIT_VERSION)
	@$(UV) export --frozen --quiet --format requirements-txt --no-emit-project --output-file .tools/locked.txt
	@# Strict: what the database does not know, or cannot be asked about, was not audited.
	@.tools/bin/python -m pip_audit --strict --disable-pip --require-hashes --requirement .tools/locked.txt

ui: $(MANIFEST) ## the Dagster UI on PROGRAMME, at http://127.0.0.1:3000 (HOST=…, PORT=…)
	@$(INSTALL_PACKAGES)
	@.venv/bin/python -m orchestration.cli.ui

alert: $(SET_UP) ## sends a test alert to ALERT_WEBHOOK_URL and ALERT_MAIL_TO
	@.venv/bin/python -m orchestration.cli.test_alert

new: $(SET_UP) ## creates a new programme in PROGRAMME=/path/to/folder; with DATABASE=postgresql://…, TARGET=… and more, see docs/configuration.md
	@.venv/bin/python -m orchestration.cli.new

connections: $(SET_UP) ## tests each connection of PROGRAMME's settings.yml and lists its tables or objects
	@$(INSTALL_PACKAGES)
	@.venv/bin/python -m orchestration.cli.connections

onboard: $(SET_UP) ## proposes the extracts.yml entry of FILE=/path/to/export, or FROM=connection with TABLE=… or FILES=…; ADD=yes adds it to PROGRAMME
	@[ -z "$(FROM)" ] || { $(INSTALL_PACKAGES); }
	@# From the environment, so that a name may have quotes in it.
	@.venv/bin/python -m orchestration.cli.onboard $(if $(ADD),--add) $(if $(FROM),--from "$$FROM") $(if $(TABLE),--table "$$TABLE") $(if $(FILES),--files "$$FILES") $(if $(FEEDS),--feeds "$$FEEDS") \
	  $(if $(ENCODING),--encoding "$$ENCODING") $(if $(SKIP_ROWS),--skip-rows "$$SKIP_ROWS") \
	  $(if $(SHEET),--sheet "$$SHEET") $(if $(DELIMITER),--delimiter "$$DELIMITER") -- "$$FILE"

lineage: $(MANIFEST) ## proves that reach and results are separate; with COLUMN=results.orders.net_revenue, what it derives from
	@.venv/bin/python -m orchestration.cli.lineage $(if $(COLUMN),"$(COLUMN)")

superset: $(BI)/superset/.set-up ## Apache Superset on the published marts, or those of MARTS=postgresql://…, at http://127.0.0.1:8088
	@$(BI)/superset/bin/python bi/superset/start.py

metrics: $(BI)/metrics/.set-up ## METRICS=net_revenue BY=metric_time__month from the published marts; without METRICS, a list
	@$(BI)/metrics/bin/python bi/metrics/ask.py $(if $(METRICS),query --metrics "$(METRICS)" $(if $(BY),--group-by "$(BY)"),list metrics)

prove-bi: $(BI)/superset/.set-up $(BI)/metrics/.set-up $(BI)/parquet/.set-up ## that BI tools show the marts' own numbers
	@[ -e "$${PROGRAMME:-sample/programme}/published/latest.json" ] || { echo "Nothing is published yet. What to do: make nightly" >&2; exit 1; }
	@$(BI)/parquet/bin/python bi/parquet/prove.py
	@$(BI)/metrics/bin/python bi/metrics/prove.py
	@$(BI)/superset/bin/python bi/superset/prove.py $(BI)
	@tests/servers/install.sh
	@$(call ADD_GROUPS,--group postgresql)
	@.venv/bin/python bi/superset/postgresql.py $(BI)/superset/bin/python bi/superset/prove.py $(BI)

benchmark: $(MANIFEST) ## run time and CPU on a programme of SIZE=S (M, L), in ROUNDS=3
	@UV_PROJECT_ENVIRONMENT=.tools/benchmarks $(UV) sync --frozen --quiet --compile-bytecode --group benchmarks --python $(PYTHON)
	@.tools/benchmarks/bin/python -m benchmarks.runs $(or $(SIZE),S) $(or $(ROUNDS),3)

benchmark-engines: $(MANIFEST) ## the same on DuckDB and on Spark with two cores and one, on a programme of SIZE=S (M, 4M)
	@tests/spark/install.sh
	@UV_PROJECT_ENVIRONMENT=.tools/benchmarks $(UV) sync --frozen --quiet --compile-bytecode --group benchmarks --group spark --python $(PYTHON)
	@PYTHONPATH=.:dbt_project/plugins .tools/benchmarks/bin/python -m benchmarks.runs.engines $(or $(SIZE),S)

test: $(MANIFEST) lint ## the tests for every change: seven to nine minutes on two cores
	@.venv/bin/python -m pytest -m "not slow and not servers and not spark"

test-servers: $(MANIFEST) $(BI)/parquet/.set-up ## the tests that need PostgreSQL, MariaDB, OpenSSH and object stores; installs them where it may
	@$(INSTALL_SERVERS)
	@.venv/bin/python -m pytest -m "servers and not slow"

test-slow: $(MANIFEST) $(BI)/parquet/.set-up ## the other tests: killed runs, full disks, readers during publishing, fuzzed files; ONLY="not repeated" leaves out the longest
	@$(INSTALL_SERVERS)
	@$(INSTALL_SPARK)
	@.venv/bin/python -m pytest -m "slow$(if $(ONLY), and ($(ONLY)))"

test-spark: $(MANIFEST) ## the same marts on Apache Spark as on DuckDB; installs Java where it may
	@$(INSTALL_SPARK)
	@.venv/bin/python -m pytest -n 1 -m "spark and not slow" tests/spark

lint: $(SET_UP) ## style, types, import direction and SQL format
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --check --quiet .
	@PYTHONPATH=. .venv/bin/lint-imports --no-logo > .tools/lint-imports.log || { cat .tools/lint-imports.log; exit 1; }
	@.venv/bin/mypy
	@.venv/bin/sqlfmt --check --quiet dbt_project/models dbt_project/macros dbt_project/tests

sample: $(SET_UP) ## writes the sample programme anew
	@.venv/bin/python sample/generate.py

clean: ## removes what was set up, not what was loaded
	rm -rf .venv .tools dbt_project/target dbt_project/logs

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "This needs Python 3.11, 3.12 or 3.13; $(PYTHON) is $$($(PYTHON) -V 2>&1). Say which one: make PYTHON=python3.12 …" >&2; exit 1; }
	@echo "Setting up, once: some minutes…"
	@$(PYTHON) -m venv .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(SET_UP): uv.lock pyproject.toml | $(UV)
	@# A network with a certificate authority of its own needs the system's certificates, a bare machine has none.
	@$(UV) sync --frozen --quiet --compile-bytecode --python $(PYTHON) \
		|| $(UV) sync --frozen --quiet --compile-bytecode --python $(PYTHON) --system-certs
	@# So that the tools' own commands (dg, dbt) find our code from any folder.
	@# plugins has our adapter of dbt for Spark, which dbt finds in the namespace dbt.adapters.
	@.venv/bin/python -c 'import os, site; open(site.getsitepackages()[0] + "/reach_and_results.pth", "w").write(os.getcwd() + "\n" + os.getcwd() + "/dbt_project/plugins\n")'
	@touch $@

$(BI)/%/.set-up: bi/%/requirements.txt | $(UV)
	@echo "Setting up $*, once…"
	@$(UV) venv --quiet --clear --python $(PYTHON) $(@D)
	@$(UV) pip install --quiet --python $(@D)/bin/python -r $< \
		|| $(UV) pip install --quiet --python $(@D)/bin/python -r $< --system-certs
	@touch $@

# Dagster reads the dbt project from this file.
$(MANIFEST): $(DBT_FILES) $(SET_UP)
	@cd dbt_project && ../.venv/bin/dbt --quiet --no-partial-parse parse
	@touch $@
