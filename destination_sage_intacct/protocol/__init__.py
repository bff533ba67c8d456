"""What Airbyte speaks: lines in, lines out, and the outcome of every row. Knows nothing of Sage Intacct."""
