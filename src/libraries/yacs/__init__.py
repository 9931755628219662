"""yacs: configurations."""
