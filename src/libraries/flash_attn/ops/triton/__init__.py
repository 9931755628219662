"""Fused operations written in Triton."""
