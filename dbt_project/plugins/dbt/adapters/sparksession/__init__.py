"""dbt's adapter for Spark as this project runs it: dbt-spark, in a session that this process opens (`session.py`), with
Python models that run here on aggregates. Found because `plugins` is on Python's path (Makefile); installed with the
dependency group `spark`.
"""

from dbt.adapters.base import AdapterPlugin
from dbt.adapters.sparksession.adapter import SparkSessionAdapter
from dbt.adapters.sparksession.connections import SparkSessionCredentials
from dbt.include import sparksession

Plugin = AdapterPlugin(
    adapter=SparkSessionAdapter,
    credentials=SparkSessionCredentials,
    include_path=sparksession.PACKAGE_PATH,
    dependencies=["spark"],
)
