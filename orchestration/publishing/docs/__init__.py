"""The pages in published/docs: dbt's own documentation (site) and a page for BI people (dictionary)."""
