"""From warehouse to readers: may a version be published (`gate`), writing and swapping it in (`publish`, `files`),
which closed months it changes (`restated_months`), the versions that are kept (`version_folders`), the report and
spreadsheet (`report/`), and the documentation pages (`docs/`).

Nothing here calculates a metric: marts are copied, and the report and pages show what the marts contain.
"""
