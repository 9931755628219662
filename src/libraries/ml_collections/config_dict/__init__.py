"""ConfigDict and its kin."""


class FieldReference:
    def __init__(self, default, field_type=None, required=False):
        self.value = default

    def get(self):
        return self.value

    def set(self, value):
        self.value = value


def placeholder(field_type, required=False):
    return None


class ConfigDict:
    def __init__(self, initial_dictionary=None, type_safe=True, convert_dict=True, **kwargs):
        object.__setattr__(self, "_fields", {})
        object.__setattr__(self, "_locked", False)
        for key, value in dict(initial_dictionary or {}).items():
            self[key] = value

    def __setattr__(self, name, value):
        self[name] = value

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(error)

    def __delattr__(self, name):
        del self._fields[name]

    def __setitem__(self, key, value):
        if self._locked and key not in self._fields:
            raise KeyError("Key '" + str(key) + "' does not exist and cannot be added since the config is locked.")
        if isinstance(value, dict):
            value = type(self)(value)
        self._fields[key] = value

    def __getitem__(self, key):
        if key not in self._fields:
            raise KeyError("'" + str(key) + "'")
        value = self._fields[key]
        return value.get() if isinstance(value, FieldReference) else value

    def __delitem__(self, key):
        del self._fields[key]

    def __contains__(self, key):
        return key in self._fields

    def __iter__(self):
        return iter(self._fields)

    def __len__(self):
        return len(self._fields)

    def __eq__(self, other):
        return isinstance(other, ConfigDict) and self._fields == other._fields

    def __repr__(self):
        return repr(self._fields)

    def keys(self):
        return list(self._fields.keys())

    def values(self):
        return [self[key] for key in self._fields]

    def items(self):
        return [(key, self[key]) for key in self._fields]

    def get(self, key, default=None):
        return self[key] if key in self._fields else default

    def get_ref(self, key):
        return self._fields[key]

    def update(self, *other, **kwargs):
        for key, value in {**dict(*[dict(one.items()) for one in other]), **kwargs}.items():
            if isinstance(self.get(key), ConfigDict) and isinstance(value, (dict, ConfigDict)):
                self[key].update(value)
            else:
                self[key] = value

    def to_dict(self):
        return {key: value.to_dict() if isinstance(value, ConfigDict) else value for key, value in self.items()}

    def copy_and_resolve_references(self):
        return type(self)(self.to_dict())

    def lock(self):
        object.__setattr__(self, "_locked", True)
        return self

    def unlock(self):
        object.__setattr__(self, "_locked", False)
        return self

    def unlocked(self):
        return _Unlocked(self)

    ignore_type = unlocked


class _Unlocked:
    def __init__(self, config):
        self.config = config

    def __enter__(self):
        self.locked = self.config._locked
        self.config.unlock()
        return self.config

    def __exit__(self, *args):
        object.__setattr__(self.config, "_locked", self.locked)
        return False


class FrozenConfigDict(ConfigDict):
    pass


def create(**kwargs):
    return ConfigDict(kwargs)
