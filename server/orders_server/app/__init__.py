"""The parts of a running server, put together from the settings."""
