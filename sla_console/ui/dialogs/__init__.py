"""What opens over a view and closes with esc."""
