"""What a delivery must look like on arrival, and what marts must look like before they are published.

Here: promises about values, each with its reason and its consequence. Not here: keys, relations and sums (dbt tests),
and what a file must look like to be read at all (landing).
"""
