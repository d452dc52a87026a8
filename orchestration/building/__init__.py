"""Raw to marts: what has to be built tonight, and dbt building it in this process.

`night` builds what is not as it would be built now, and says before which extracts that will read. What tables are
made from is in `inputs`, which of them need no more than new rows in `growth`, what stands of them in `standing`, what
cannot be read any more in `damage`; `build` has dbt build, and `broken_tests` tells what broke.
"""
