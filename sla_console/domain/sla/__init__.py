"""SLA policies, business calendars, clocks, verdicts and breaches: how a target is counted and decided."""
