"""Lightning, whatever its name."""
