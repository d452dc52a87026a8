"""What Dagster shows, in the order of the pipeline: programme → raw → warehouse (dbt) → published."""

OWNERS = ("team:marketing-data",)
