"""Pure functions, no I/O: a row becomes a write."""
