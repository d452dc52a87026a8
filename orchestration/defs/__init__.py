"""What Dagster shows: assets, checks, jobs, schedules and sensors, each built for one programme folder by
definitions.py. In the order of the pipeline: programme → raw → dbt → published."""

OWNERS = ("team:marketing-data",)
# Runs that write to the warehouse wait for each other.
POOL = "warehouse"
