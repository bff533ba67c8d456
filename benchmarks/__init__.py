"""How fast, how light and how small the connector is. `make bench` runs all of it; docs/benchmarks.md explains it."""
