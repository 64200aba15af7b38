"""Speaking to SuperOps: transport, typed calls, answers turned into the domain."""
