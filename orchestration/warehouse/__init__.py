"""The database that dbt builds (`database`), running dbt in this process (`dbt_build`, `failed_tests`), detecting that
there is nothing new (`fingerprint`), and the recount of control totals (`recount`).

Business rules do not belong here: they are SQL in dbt_project/. Readers never open this database, but the copy that
publishing/ makes.
"""
