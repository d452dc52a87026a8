"""From warehouse to readers: may a version be published (`gate`), writing and swapping it in (`version`, `files`), the
versions that are kept (`versions`), the report and spreadsheet (`report/`), and the documentation pages (`docs/`).

Nothing here calculates a metric: marts are copied, and the report and pages show what the marts contain.
"""
