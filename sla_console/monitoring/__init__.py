"""The engine: sync planner, board, deadlines, supervisor, leadership."""
