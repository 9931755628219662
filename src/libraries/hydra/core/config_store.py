"""Where structured configurations are registered."""


class ConfigStore:
    _one = None

    @classmethod
    def instance(cls):
        if cls._one is None:
            cls._one = cls()
            cls._one.repo = {}
        return cls._one

    def store(self, name, node, group=None, package="_group_", provider=None):
        self.repo[name] = node
