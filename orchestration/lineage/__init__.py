"""Of what every column of the warehouse is made, proved from the SQL that dbt compiled.

project (dbt's manifest) → parsing → binding (sqlglot's qualify) → scopes → dependence (of each column) → graph (of all
models) → separation (reach and results are separate); from the same statements: units → measures → scores (no figure
blends units). docs/separation.md explains what is proved and what is not examined.
"""
