"""Parts of hydra."""
