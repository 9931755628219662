"""iopath."""
