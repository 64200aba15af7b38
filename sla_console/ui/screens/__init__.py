"""The views, one a file, and what they share."""
