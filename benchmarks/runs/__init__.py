"""Run time, CPU and memory of runs: `python -m benchmarks.runs S` (or M, L) makes a programme and measures runs on it,
next to bare DuckDB (`baseline`) and a script in Polars (`with_polars`)."""
