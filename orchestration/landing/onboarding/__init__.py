"""`make onboard FILE=…`: which known format a file is, or an entry to start from, and its rows as they would arrive."""
