"""The engine: the database that dbt builds (`database`), running dbt in this process (`dbt_build`), whether there is
anything new to build (`fingerprint`), rows of failed tests (`failed_tests`), and the recount of control totals
(`recount`). What readers get is a copy that publishing/ makes."""
