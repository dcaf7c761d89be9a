"""The approval page: who may answer on it, what it shows, and how it is reached."""
