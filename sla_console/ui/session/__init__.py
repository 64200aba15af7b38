"""What the console keeps for a person: options, themes, and the state of the last session."""
