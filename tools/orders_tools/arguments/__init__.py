"""What the four tools take: one schema a file, how values are read, and every fault at once."""
