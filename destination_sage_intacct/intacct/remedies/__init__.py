"""What to do about Sage Intacct's refusals, by subject; a comment names where each text was seen."""
