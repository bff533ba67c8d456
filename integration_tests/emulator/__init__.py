"""The emulator's own tests: a package, so that its conftest is not taken for the one above it."""
