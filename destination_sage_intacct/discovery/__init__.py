"""Airbyte's discover: what a company's objects offer to a data activation connection, as a catalog of operations."""
