"""Unknown outcomes: settled by reading, or by a person's word."""
