"""The pages in published/docs/: dbt's own documentation (`site`) and a data dictionary for BI users (`dictionary`)."""
