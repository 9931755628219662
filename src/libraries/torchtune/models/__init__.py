"""Builders of published models."""
