"""Paths of the repository."""

from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
DBT_PROJECT = REPOSITORY / "dbt_project"
SAMPLE = REPOSITORY / "sample" / "programme"
