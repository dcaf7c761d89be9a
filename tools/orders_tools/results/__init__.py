"""What the four tools answer: schemas, and how they are built."""
