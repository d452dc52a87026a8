"""What one file's cells become on their way to raw, in this order (read.py):

rows      keep, drop, the format's own rules, rows of 0 orders        (rows.py)
words     words for empty, the entry's map, flags                     (words.py, empty_words.py)
ids       ids of several columns, the `.0` of spreadsheets            (ids.py)
numbers   currency signs, thousands groups, doubtful decimal signs    (numbers.py)
units     cents, percent, epochs, the scale of 1 to 5                 (units.py)

Everything is SQL over the staged Parquet of the file. A file that needs none of it goes to raw as it is.
"""
