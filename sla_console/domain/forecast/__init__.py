"""Risk, forecast and feasibility: how likely a target is to be missed."""
