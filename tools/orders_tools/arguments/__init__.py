"""Arguments of the tools: one schema per file, value parsing, and all faults of a call at once."""
