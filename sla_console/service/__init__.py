"""The one door for people: who may, what happened, then do it."""
