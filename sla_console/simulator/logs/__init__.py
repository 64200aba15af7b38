"""Logs of tickets as people export them: from bytes to rows, times and columns."""
