"""Tables of classes by name, and objects built from dictionaries that name one."""


def build_from_cfg(cfg, registry, default_args=None):
    given = dict(cfg)
    for key, value in (default_args or {}).items():
        given.setdefault(key, value)
    kind = given.pop("type")
    given.pop("_scope_", None)
    if isinstance(kind, str):
        cls = registry.get(kind)
        if cls is None:
            raise KeyError(kind + " is not in the " + registry.name + " registry")
    else:
        cls = kind
    return cls(**given)


class Registry:
    def __init__(self, name, build_func=None, parent=None, scope=None, locations=()):
        self._name, self._module_dict, self.parent = name, {}, parent
        self.build_func = build_func or (parent.build_func if parent is not None else build_from_cfg)

    @property
    def name(self):
        return self._name

    @property
    def module_dict(self):
        return self._module_dict

    def __len__(self):
        return len(self._module_dict)

    def __contains__(self, key):
        return self.get(key) is not None

    def get(self, key):
        bare = key.rpartition(".")[2]
        found = self._module_dict.get(key) or self._module_dict.get(bare)
        return found if found is not None or self.parent is None else self.parent.get(key)

    def build(self, cfg, *args, **kwargs):
        return self.build_func(cfg, *args, **kwargs, registry=self)

    def register_module(self, name=None, force=False, module=None):
        if module is not None:
            self._register(module, name)
            return module
        if isinstance(name, type):
            self._register(name, None)
            return name

        def register(cls):
            self._register(cls, name)
            return cls

        return register

    def _register(self, cls, name):
        for one in [cls.__name__] if name is None else [name] if isinstance(name, str) else name:
            self._module_dict[one] = cls

