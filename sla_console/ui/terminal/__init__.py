"""The terminal itself: driver, painting, signs, the bell, and what restores it."""
