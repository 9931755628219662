"""A table of classes by name."""


class Registry:
    def __init__(self, name):
        self._name, self._obj_map = name, {}

    def _do_register(self, name, obj):
        assert name not in self._obj_map, "An object named '%s' was already registered in '%s' registry!" % (name, self._name)
        self._obj_map[name] = obj

    def register(self, obj=None):
        if obj is None:
            def deco(made):
                self._do_register(made.__name__, made)
                return made

            return deco
        self._do_register(obj.__name__, obj)

    def get(self, name):
        if name not in self._obj_map:
            raise KeyError("No object named '%s' found in '%s' registry!" % (name, self._name))
        return self._obj_map[name]

    def __contains__(self, name):
        return name in self._obj_map

    def __iter__(self):
        return iter(self._obj_map.items())
