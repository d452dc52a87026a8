"""Assets, asset checks, jobs, schedules, sensors and the resource of Dagster, each built by a function that
definitions.py calls with the programme folder.

This package connects the other packages with Dagster and is thin: logic that works without Dagster does not belong
here.
"""

OWNERS = ("team:marketing-data",)
# Runs that use the warehouse wait for each other.
POOL = "warehouse"
