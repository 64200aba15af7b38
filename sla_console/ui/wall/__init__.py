"""The console on a wall screen: its pages, large figures and running clocks."""
