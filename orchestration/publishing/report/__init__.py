"""What the marketing team reads: report.html and marts.xlsx, made from the marts of one version and from nothing else.

`writing` writes both; `queries/` holds what each part of the report reads, one file a part, and only `reach.sql` reads
reach; `parts` runs them, `figures` and `words` say values for people, `charts` draws, `workbook` is the spreadsheet.
"""
