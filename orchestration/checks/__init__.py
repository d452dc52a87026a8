"""The promises of expectations/ as Dagster asset checks: on what was delivered and on what is to be published."""
