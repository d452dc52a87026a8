"""report.html and marts.xlsx for the marketing team, written from the marts of one version only.

`writing` writes both files. `queries/` has one SQL file per part of the report, and only `reach.sql` reads reach;
`parts` runs them, `figures` and `words` format numbers and sentences, `charts` draws, `workbook` is the spreadsheet.
"""
