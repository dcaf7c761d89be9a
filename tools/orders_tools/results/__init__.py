"""Results of the four tools: their schemas, and how they are built."""
