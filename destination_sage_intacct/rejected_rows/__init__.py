"""Rejected rows: why each was rejected, and where it is recorded (the log, files in object storage)."""
