"""A walk through whole purchases on the sandbox, for a person at a terminal."""
