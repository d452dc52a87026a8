"""Moves and schedules: programme folder → landing → raw → dbt → checks → published. dbt_project/ decides."""
