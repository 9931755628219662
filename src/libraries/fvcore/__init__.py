"""fvcore: weight initialisation and registries."""
