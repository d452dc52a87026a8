"""From files as they were exported to verbatim rows in raw: `orchestration.landing.load.land`.

What a row means does not belong here: raw is text, and dbt's staging makes the first decision.
"""
