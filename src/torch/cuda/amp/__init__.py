"""The older names of torch.amp."""
from torch.amp.autocast_mode import autocast as _autocast
from torch.amp.autocast_mode import custom_bwd as _custom_bwd
from torch.amp.autocast_mode import custom_fwd as _custom_fwd
from torch.amp.grad_scaler import GradScaler


class autocast(_autocast):
    def __init__(self, enabled=True, dtype=None, cache_enabled=True):
        super().__init__("cuda", dtype, enabled, cache_enabled)


def custom_fwd(fwd=None, **kwargs):
    return _custom_fwd(fwd, **kwargs)


def custom_bwd(bwd=None, **kwargs):
    return _custom_bwd(bwd, **kwargs)
