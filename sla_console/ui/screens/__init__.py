"""One full screen for each view."""
