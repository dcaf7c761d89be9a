"""A purchase: its basket, stored record, states, token and placement."""
