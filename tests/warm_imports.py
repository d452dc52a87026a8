# ruff: noqa: F401
"""What a run imports, but for `orchestration.definitions`, which reads the programme while it is imported."""

import gc

import alembic.command
import dbt.adapters.duckdb
import dbt.cli.main
import dbt.task.build
import sqlglot.optimizer.qualify
import statsmodels.stats.proportion
import xlsxwriter

import expectations.validation
import orchestration.cli.summary
import orchestration.defs.assets.dbt
import orchestration.defs.assets.programme
import orchestration.defs.assets.published
import orchestration.defs.assets.raw
import orchestration.defs.checks.control_totals
import orchestration.defs.checks.marts
import orchestration.defs.checks.raw
import orchestration.defs.checks.separation
import orchestration.defs.jobs
import orchestration.defs.sensors.failures
import orchestration.defs.sensors.killed_runs
import orchestration.defs.sensors.landing
import orchestration.runtime.failures

expectations.validation.load_great_expectations()
# Garbage collection in a forked process would write to each of these objects, and so copy their pages.
gc.freeze()
