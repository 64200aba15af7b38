"""Modal questions asked before something happens."""
