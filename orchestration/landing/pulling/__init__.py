"""From the connections of settings.yml to landing/pulled/: what a pull writes is a delivery like any other file.

There is no other state than the files: the newest says where the next pull starts, or which objects are known.
"""
