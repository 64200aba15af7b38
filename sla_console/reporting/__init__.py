"""Figures of the past: reports and their forms, promises tried on history, the forecast judged."""
