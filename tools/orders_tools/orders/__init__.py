"""Orders as the API describes them, and how they are found and listed."""
