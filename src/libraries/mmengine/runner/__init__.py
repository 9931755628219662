"""Checkpoints, which are not read."""


def load_checkpoint(model, filename, *args, **kwargs):
    return {}


def load_state_dict(module, state_dict, *args, **kwargs):
    pass
