"""What every column of the warehouse is made from, proved from the SQL that dbt compiled.

project (dbt's manifest) → binding (which column a name means) → dependence (what a column depends on) → graph (of all
models) → border (reach stays apart from results); and over the same bound SQL: units → measures → scores (no figure
blends units). docs/border.md says what is proved and what is not looked at.
"""
