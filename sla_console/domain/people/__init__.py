"""Technicians, clients, sites and on-call rotations: who can be reached, and when."""
