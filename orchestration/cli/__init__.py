"""One module per make target that runs Python: it reads its options, calls the packages below and prints the result.

Logic that something else could use does not belong here.
"""
