"""One reader per kind of file; all return `Records` (see records.py). Nothing here knows what a column means."""
