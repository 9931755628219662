"""fairscale: its model-parallel layers at a world size of one."""
