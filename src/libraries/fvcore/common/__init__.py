"""fvcore.common."""
