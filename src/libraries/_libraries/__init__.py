"""What several stubs share."""
