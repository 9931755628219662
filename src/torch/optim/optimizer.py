"""The base of optimizers."""
from collections import defaultdict

import torch

required = object()


class Optimizer:
    def __init__(self, params, *args, **kwargs):
        defaults = args[0] if args and isinstance(args[0], dict) else dict(kwargs)
        if args and isinstance(args[0], float):
            defaults["lr"] = args[0]
        defaults.setdefault("lr", 1e-3)
        self.defaults = defaults
        self.state = defaultdict(dict)
        self.param_groups = []
        if isinstance(params, torch.Tensor):
            raise TypeError("params argument given to the optimizer should be an iterable of Tensors or dicts")
        groups = list(params)
        if groups and not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def add_param_group(self, param_group):
        group = dict(self.defaults)
        group.update(param_group)
        found = group["params"]
        group["params"] = [found] if isinstance(found, torch.Tensor) else list(found)
        self.param_groups.append(group)

    def zero_grad(self, set_to_none=True):
        pass

    def step(self, closure=None):
        return None if closure is None else closure()

    def state_dict(self):
        return {"state": dict(self.state), "param_groups": self.param_groups}

    def load_state_dict(self, state_dict):
        pass
