"""The figures engine: one record for each target of a ticket in a cycle, and counts of records."""
