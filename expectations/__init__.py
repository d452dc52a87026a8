"""What a delivery must look like on arrival, and what marts must look like before they are published.

Here: checks of values, each with its reason and its severity. Not here: keys, relations and sums (dbt tests), and what
a file must look like to be read at all (landing).
"""
