"""Texts and spans of time as the screens show them."""
