"""Work done at once."""
