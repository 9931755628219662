"""What runs on one process only runs here."""


def rank_zero_only(fn):
    return fn


rank_zero_only.rank = 0


def rank_zero_info(*args, **kwargs):
    pass


rank_zero_warn = rank_zero_debug = rank_zero_deprecation = rank_zero_info


def grad_norm(module, norm_type, group_separator="/"):
    return {}


def move_data_to_device(batch, device):
    return batch
