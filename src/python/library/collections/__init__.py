"""Containers beyond the built-in ones."""
from functools import partial as _partial


class OrderedDict(dict):
    def move_to_end(self, key, last=True):
        value = self.pop(key)
        if last:
            self[key] = value
        else:
            rest = list(self.items())
            self.clear()
            self[key] = value
            for other, kept in rest:
                self[other] = kept

    def popitem(self, last=True):
        if not self:
            raise KeyError("dictionary is empty")
        key = next(reversed(self) if last else iter(self))
        return key, self.pop(key)

    def copy(self):
        return self.__class__(self)

    def __repr__(self):
        return f"{self.__class__.__name__}({dict(self) if self else ''})"


class defaultdict(dict):
    def __init__(self, default_factory=None, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.default_factory = default_factory

    def __missing__(self, key):
        if self.default_factory is None:
            raise KeyError(key)
        value = self.default_factory()
        self[key] = value
        return value

    def copy(self):
        return type(self)(self.default_factory, self)

    __copy__ = copy

    def __repr__(self):
        return f"defaultdict({self.default_factory!r}, {dict(self)!r})"


class Counter(dict):
    def __init__(self, iterable=None, /, **kwargs):
        super().__init__()
        self.update(iterable, **kwargs)

    def __missing__(self, key):
        return 0

    def update(self, iterable=None, /, **kwargs):
        self._add(iterable, 1)
        self._add(kwargs, 1)

    def subtract(self, iterable=None, /, **kwargs):
        self._add(iterable, -1)
        self._add(kwargs, -1)

    def _add(self, iterable, sign):
        if iterable is None:
            return
        if isinstance(iterable, dict):
            for key, count in iterable.items():
                self[key] = self.get(key, 0) + sign * count
        else:
            for key in iterable:
                self[key] = self.get(key, 0) + sign

    def elements(self):
        for key, count in self.items():
            for _ in range(count):
                yield key

    def most_common(self, n=None):
        ordered = sorted(self.items(), key=lambda pair: pair[1], reverse=True)
        return ordered if n is None else ordered[:n]

    def total(self):
        return sum(self.values())

    def copy(self):
        return self.__class__(self)

    def __add__(self, other):
        return self._joined(other, lambda a, b: a + b)

    def __sub__(self, other):
        return self._joined(other, lambda a, b: a - b)

    def __or__(self, other):
        return self._joined(other, max)

    def __and__(self, other):
        return self._joined(other, min)

    def _joined(self, other, join):
        result = Counter()
        for key in [*self, *[key for key in other if key not in self]]:
            count = join(self[key], other[key])
            if count > 0:
                result[key] = count
        return result

    def __repr__(self):
        if not self:
            return f"{self.__class__.__name__}()"
        return f"{self.__class__.__name__}({dict(self.most_common())!r})"


class deque:
    def __init__(self, iterable=(), maxlen=None):
        self._items = []
        self.maxlen = maxlen
        self.extend(iterable)

    def append(self, value):
        self._items.append(value)
        if self.maxlen is not None and len(self._items) > self.maxlen:
            self._items.pop(0)

    def appendleft(self, value):
        self._items.insert(0, value)
        if self.maxlen is not None and len(self._items) > self.maxlen:
            self._items.pop()

    def extend(self, iterable):
        for value in iterable:
            self.append(value)

    def extendleft(self, iterable):
        for value in iterable:
            self.appendleft(value)

    def pop(self):
        if not self._items:
            raise IndexError("pop from an empty deque")
        return self._items.pop()

    def popleft(self):
        if not self._items:
            raise IndexError("pop from an empty deque")
        return self._items.pop(0)

    def rotate(self, n=1):
        if self._items:
            n %= len(self._items)
            self._items[:] = self._items[-n:] + self._items[:-n] if n else self._items

    def clear(self):
        self._items.clear()

    def copy(self):
        return deque(self._items, self.maxlen)

    def count(self, value):
        return self._items.count(value)

    def index(self, value, *bounds):
        return self._items.index(value, *bounds)

    def insert(self, index, value):
        self._items.insert(index, value)

    def remove(self, value):
        self._items.remove(value)

    def reverse(self):
        self._items.reverse()

    def __len__(self):
        return len(self._items)

    def __iter__(self):
        return iter(self._items)

    def __reversed__(self):
        return reversed(self._items)

    def __contains__(self, value):
        return value in self._items

    def __getitem__(self, index):
        return self._items[index]

    def __setitem__(self, index, value):
        self._items[index] = value

    def __delitem__(self, index):
        del self._items[index]

    def __add__(self, other):
        return deque([*self, *other], self.maxlen)

    def __iadd__(self, other):
        self.extend(other)
        return self

    def __eq__(self, other):
        return self._items == other._items if isinstance(other, deque) else NotImplemented

    __hash__ = None

    def __repr__(self):
        end = "" if self.maxlen is None else f", maxlen={self.maxlen}"
        return f"deque({self._items!r}{end})"

    @classmethod
    def __class_getitem__(cls, item):
        return cls


def _field(index, self):
    return tuple.__getitem__(self, index)


def namedtuple(typename, field_names, *, rename=False, defaults=None, module=None):
    if isinstance(field_names, str):
        field_names = field_names.replace(",", " ").split()
    names = tuple(str(name) for name in field_names)
    if rename:
        names = tuple(f"_{i}" if name.startswith("_") or not name.isidentifier() else name for i, name in enumerate(names))
    for name in names:
        if name.startswith("_"):
            raise ValueError(f"Field names cannot start with an underscore: {name!r}")
    if len(set(names)) < len(names):
        raise ValueError("Encountered duplicate field name")
    values = tuple(defaults) if defaults is not None else ()
    filled = dict(zip(names[len(names) - len(values):], values))

    def __new__(_cls, *args, **kwargs):
        if len(args) > len(names):
            raise TypeError(f"{typename}.__new__() takes {len(names) + 1} positional arguments but {len(args) + 1} were given")
        items = list(args)
        for name in names[len(args):]:
            if name in kwargs:
                items.append(kwargs.pop(name))
            elif name in filled:
                items.append(filled[name])
            else:
                raise TypeError(f"{typename}.__new__() missing 1 required positional argument: {name!r}")
        for name in kwargs:
            raise TypeError(f"{typename}.__new__() got an unexpected keyword argument {name!r}")
        return tuple.__new__(_cls, items)

    def _make(cls, iterable):
        return cls(*iterable)

    def _replace(self, /, **changes):
        left = dict(zip(names, self))
        for name, value in changes.items():
            if name not in left:
                raise ValueError(f"Got unexpected field names: {[name]!r}")
            left[name] = value
        return self.__class__(**left)

    def _asdict(self):
        return dict(zip(names, self))

    def __repr__(self):
        return self.__class__.__name__ + "(" + ", ".join(f"{name}={value!r}" for name, value in zip(names, self)) + ")"

    namespace = {
        "__slots__": (),
        "_fields": names,
        "_field_defaults": filled,
        "__match_args__": names,
        "__new__": __new__,
        "_make": classmethod(_make),
        "_replace": _replace,
        "_asdict": _asdict,
        "__repr__": __repr__,
        "__getnewargs__": lambda self: tuple(self),
    }
    for index, name in enumerate(names):
        namespace[name] = property(_partial(_field, index))
    if module is not None:
        namespace["__module__"] = module
    return type(typename, (tuple,), namespace)


class ChainMap:
    def __init__(self, *maps):
        self.maps = list(maps) or [{}]

    def __getitem__(self, key):
        for mapping in self.maps:
            if key in mapping:
                return mapping[key]
        raise KeyError(key)

    def get(self, key, default=None):
        return self[key] if key in self else default

    def __contains__(self, key):
        return any(key in mapping for mapping in self.maps)

    def __iter__(self):
        merged = {}
        for mapping in reversed(self.maps):
            merged.update(dict.fromkeys(mapping))
        return iter(merged)

    def __len__(self):
        return len(list(iter(self)))

    def __setitem__(self, key, value):
        self.maps[0][key] = value

    def __delitem__(self, key):
        del self.maps[0][key]

    def keys(self):
        return list(self)

    def values(self):
        return [self[key] for key in self]

    def items(self):
        return [(key, self[key]) for key in self]

    def new_child(self, m=None):
        return ChainMap({} if m is None else m, *self.maps)

    @property
    def parents(self):
        return ChainMap(*self.maps[1:])


class UserDict:
    def __init__(self, dict=None, /, **kwargs):
        self.data = {}
        if dict is not None:
            self.update(dict)
        if kwargs:
            self.update(kwargs)

    def __len__(self):
        return len(self.data)

    def __getitem__(self, key):
        if key in self.data:
            return self.data[key]
        missing = getattr(type(self), "__missing__", None)
        if missing is not None:
            return missing(self, key)
        raise KeyError(key)

    def __setitem__(self, key, value):
        self.data[key] = value

    def __delitem__(self, key):
        del self.data[key]

    def __iter__(self):
        return iter(self.data)

    def __contains__(self, key):
        return key in self.data

    def __repr__(self):
        return repr(self.data)

    def __eq__(self, other):
        return self.data == (other.data if isinstance(other, UserDict) else other)

    __hash__ = None

    def keys(self):
        return self.data.keys()

    def values(self):
        return self.data.values()

    def items(self):
        return self.data.items()

    def get(self, key, default=None):
        return self[key] if key in self else default

    def pop(self, key, *default):
        return self.data.pop(key, *default)

    def setdefault(self, key, default=None):
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, other=(), /, **kwargs):
        for key, value in dict(other, **kwargs).items():
            self[key] = value

    def copy(self):
        made = self.__class__.__new__(self.__class__)
        made.__dict__.update(self.__dict__)
        made.data = self.data.copy()
        return made


class UserList(list):
    @property
    def data(self):
        return self


class UserString(str):
    @property
    def data(self):
        return str(self)


from collections import abc
