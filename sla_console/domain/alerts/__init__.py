"""Alert rules, notifications, escalation plans and silences: what is sent about a breach, and when."""
