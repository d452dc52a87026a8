"""Dagster asset checks: the promises of expectations/ on what was delivered and on what is to be published, and the
proofs of orchestration/lineage/ on the SQL that made it."""
