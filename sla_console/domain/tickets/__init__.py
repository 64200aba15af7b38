"""Tickets as SuperOps shows them, what was seen of them, and changes that wait to be written."""
