"""SLA reports: figures for a span of time."""
