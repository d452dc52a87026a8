"""What nights cost: `python -m benchmarks.nights S` (or M, L) makes a programme and compares nights in one run."""
