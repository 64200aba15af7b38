"""Options, themes and the state of the last session, kept for a person."""
