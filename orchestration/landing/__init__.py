"""From delivered files to verbatim rows in raw: `orchestration.landing.load.land`.

Raw is text. What a value means is decided in dbt's staging, not here.
"""
