"""The assets, in the order of the pipeline: programme → raw → dbt → published."""
