"""Configurations whose keys are attributes."""


class ConfigDict(dict):
    def __init__(self, *args, **kwargs):
        super().__init__()
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def __setitem__(self, key, value):
        super().__setitem__(key, _wrapped(value))

    def __getattr__(self, name):
        if name in self:
            return self[name]
        raise AttributeError("'ConfigDict' object has no attribute '" + name + "'")

    def __setattr__(self, name, value):
        self[name] = value

    def copy(self):
        return ConfigDict(self)


def _wrapped(value):
    if isinstance(value, dict) and not isinstance(value, ConfigDict):
        return ConfigDict(value)
    return [_wrapped(one) for one in value] if type(value) is list else value


class Config(ConfigDict):
    @staticmethod
    def fromfile(filename, *args, **kwargs):
        from _assay import unknown

        return unknown("what a configuration file says")
