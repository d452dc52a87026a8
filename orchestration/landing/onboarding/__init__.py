"""`make onboard FILE=…`: recognises a known format, or proposes an entry of extracts.yml from a file's headers."""
