"""One reader a kind of file; all give `Records` (see records.py). What a column means does not belong here."""
