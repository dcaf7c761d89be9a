"""Puts a running server together from the settings."""
