"""A demonstration of whole purchases on the sandbox, for a person at a terminal."""
