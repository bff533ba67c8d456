"""Moves rows through mapping, Sage Intacct and the ledger."""
