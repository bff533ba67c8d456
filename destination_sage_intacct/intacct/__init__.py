"""What Sage Intacct speaks: many records in, one result per record out. Knows nothing of Airbyte; usable alone."""
