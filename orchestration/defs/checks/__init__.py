"""Asset checks: the expectations of expectations/ on deliveries and on marts, the control totals of
orchestration/warehouse/recount.py, and the proofs of orchestration/lineage/ on the SQL that built the marts.

Tests of single models are dbt's, and reach Dagster with its assets.
"""
