"""Conversion of checkpoints on the hub."""


def auto_conversion(*args, **kwargs):
    pass
