"""Calls that are written down and made later."""


class LazyCall:
    def __init__(self, target):
        self.target = target

    def __call__(self, **kwargs):
        return _Call(_target_=self.target, **kwargs)


class _Call(dict):
    def __getattr__(self, name):
        if name in self:
            return self[name]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        self[name] = value


def instantiate(cfg):
    if isinstance(cfg, list):
        return [instantiate(one) for one in cfg]
    if isinstance(cfg, dict) and "_target_" in cfg:
        given = {key: instantiate(value) for key, value in cfg.items() if key != "_target_"}
        return cfg["_target_"](**given)
    return cfg
