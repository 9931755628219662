"""The two kinds of containers."""
import re

MISSING = "???"


class MissingMandatoryValue(Exception):
    pass


class ConfigAttributeError(AttributeError):
    pass


class ConfigKeyError(KeyError):
    pass


resolvers = {}


def wrap(value, parent=None):
    import dataclasses

    if isinstance(value, (DictConfig, ListConfig)):
        return value
    if isinstance(value, dict):
        return DictConfig(value, parent)
    if isinstance(value, (list, tuple)):
        return ListConfig(value, parent)
    if dataclasses.is_dataclass(value):
        made = value() if isinstance(value, type) else value
        return DictConfig({field.name: getattr(made, field.name) for field in dataclasses.fields(made)}, parent)
    return value


class _Container:
    def _root(self):
        node = self
        while node.__dict__["_parent"] is not None:
            node = node.__dict__["_parent"]
        return node

    def _read(self, value, key):
        if isinstance(value, str):
            if value == MISSING:
                raise MissingMandatoryValue("Missing mandatory value: " + str(key))
            if "${" in value:
                return self._resolved(value)
        return value

    def _resolved(self, text):
        whole = re.fullmatch(r"\$\{([^${}]*)\}", text)
        if whole:
            return self._looked_up(whole.group(1))
        return re.sub(r"\$\{([^${}]*)\}", lambda found: str(self._looked_up(found.group(1))), text)

    def _looked_up(self, path):
        if ":" in path:
            name, _, rest = path.partition(":")
            return resolvers[name](*[part.strip() for part in rest.split(",")])
        node = self._root()
        if path.startswith("."):
            node, path = self, path[1:]
            while path.startswith("."):
                node, path = node.__dict__["_parent"], path[1:]
        for part in path.replace("]", "").replace("[", ".").split("."):
            node = node[int(part)] if isinstance(node, ListConfig) else node[part]
        return node


class DictConfig(_Container):
    def __init__(self, content=None, parent=None, **kwargs):
        self.__dict__["_parent"] = parent if isinstance(parent, _Container) else None
        self.__dict__["_struct"] = False
        self.__dict__["_content"] = {}
        if content is not None:
            for key, value in (wrap(content) if not isinstance(content, dict) else content).items():
                self[key] = value

    def __setitem__(self, key, value):
        if self.__dict__["_struct"] and key not in self.__dict__["_content"]:
            raise ConfigKeyError("Key '" + str(key) + "' is not in struct")
        self.__dict__["_content"][key] = wrap(value, self)

    def __getitem__(self, key):
        if key not in self.__dict__["_content"]:
            raise ConfigKeyError("Missing key " + str(key))
        return self._read(self.__dict__["_content"][key], key)

    def __setattr__(self, name, value):
        if self.__dict__["_struct"] and name not in self.__dict__["_content"]:
            raise ConfigAttributeError("Key '" + str(name) + "' is not in struct")
        self.__dict__["_content"][name] = wrap(value, self)

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        if name not in self.__dict__["_content"]:
            if self.__dict__["_struct"] or name.startswith("_"):
                raise ConfigAttributeError("Key '" + name + "' is not in struct")
            raise ConfigAttributeError("Missing key " + name)
        return self._read(self.__dict__["_content"][name], name)

    def __delitem__(self, key):
        del self.__dict__["_content"][key]

    def __delattr__(self, key):
        del self.__dict__["_content"][key]

    def __contains__(self, key):
        return key in self.__dict__["_content"] and self.__dict__["_content"][key] != MISSING

    def __iter__(self):
        return iter(list(self.__dict__["_content"]))

    def __len__(self):
        return len(self.__dict__["_content"])

    def __eq__(self, other):
        return isinstance(other, (DictConfig, dict)) and plain(self) == plain(other)

    def __repr__(self):
        return repr(plain(self, False))

    def __copy__(self):
        return DictConfig(plain(self, False))

    def __deepcopy__(self, memo):
        return DictConfig(plain(self, False))

    def copy(self):
        return DictConfig(plain(self, False))

    def keys(self):
        return self.__dict__["_content"].keys()

    def items(self):
        return [(key, self[key]) for key in self.__dict__["_content"]]

    items_ex = items

    def values(self):
        return [self[key] for key in self.__dict__["_content"]]

    def get(self, key, default_value=None):
        return self[key] if key in self else default_value

    def pop(self, key, *default):
        value = self.get(key, *default) if default or key not in self else self[key]
        self.__dict__["_content"].pop(key, None)
        return value

    def setdefault(self, key, default=None):
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, other=(), **kwargs):
        for key, value in {**dict(other), **kwargs}.items():
            self[key] = value

    def merge_with(self, *others):
        for other in others:
            merge(self, other)


class ListConfig(_Container):
    def __init__(self, content=(), parent=None, **kwargs):
        self.__dict__["_parent"] = parent if isinstance(parent, _Container) else None
        self.__dict__["_content"] = []
        for value in content:
            self.__dict__["_content"].append(wrap(value, self))

    def __getitem__(self, index):
        value = self.__dict__["_content"][index]
        return ListConfig(value) if isinstance(index, slice) else self._read(value, index)

    def __setitem__(self, index, value):
        self.__dict__["_content"][index] = wrap(value, self)

    def __iter__(self):
        return iter([self._read(value, i) for i, value in enumerate(self.__dict__["_content"])])

    def __len__(self):
        return len(self.__dict__["_content"])

    def __contains__(self, value):
        return value in list(self)

    def __add__(self, other):
        return ListConfig([*self, *other])

    def __radd__(self, other):
        return ListConfig([*other, *self])

    def __eq__(self, other):
        return isinstance(other, (ListConfig, list, tuple)) and plain(self) == plain(other)

    def __repr__(self):
        return repr(plain(self, False))

    def append(self, value):
        self.__dict__["_content"].append(wrap(value, self))

    def extend(self, values):
        for value in values:
            self.append(value)

    def insert(self, index, value):
        self.__dict__["_content"].insert(index, wrap(value, self))

    def pop(self, index=-1):
        return self.__dict__["_content"].pop(index)

    def index(self, value):
        return list(self).index(value)

    def copy(self):
        return ListConfig(plain(self, False))


def merge(target, other):
    for key, value in (other.__dict__["_content"] if isinstance(other, DictConfig) else wrap(other).__dict__["_content"]).items():
        own = target.__dict__["_content"].get(key)
        if isinstance(own, DictConfig) and isinstance(value, DictConfig):
            merge(own, value)
        else:
            target.__dict__["_content"][key] = wrap(plain(value, False), target)


def plain(value, resolve=True):
    if isinstance(value, DictConfig):
        content = value.__dict__["_content"]
        return {key: plain(value[key] if resolve and one != MISSING else one, resolve) for key, one in content.items()}
    if isinstance(value, ListConfig):
        return [plain(one, resolve) for one in (value if resolve else value.__dict__["_content"])]
    if isinstance(value, dict):
        return {key: plain(one, resolve) for key, one in value.items()}
    return [plain(one, resolve) for one in value] if isinstance(value, (list, tuple)) else value
