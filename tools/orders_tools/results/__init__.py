"""Results of the tools: their schemas, and how they are built."""
