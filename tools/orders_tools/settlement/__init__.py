"""Unknown outcomes: settled by reading, or by the word of a person."""
