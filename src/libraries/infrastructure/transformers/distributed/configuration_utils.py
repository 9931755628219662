"""Settings of distributed work, as given."""


class DistributedConfig:
    def __init__(self, **kwargs):
        self.__dict__.update(kwargs)

    @classmethod
    def from_dict(cls, config_dict, **kwargs):
        return cls(**config_dict)

    def to_dict(self):
        return dict(self.__dict__)
