"""A purchase: what is bought, its stored record, its states, its token and its placement."""
