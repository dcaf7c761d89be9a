"""Orders as the API tells them, and how they are found and listed."""
