"""References that keep what they refer to: nothing is collected here."""


class ref:
    def __init__(self, obj, callback=None):
        self._obj = obj

    def __call__(self):
        return self._obj

    def __eq__(self, other):
        return isinstance(other, ref) and self._obj is other._obj

    def __hash__(self):
        return id(self._obj)


ReferenceType = KeyedRef = ref


class WeakMethod(ref):
    pass


def proxy(obj, callback=None):
    return obj


def finalize(obj, func, /, *args, **kwargs):
    return lambda: None


def getweakrefcount(obj):
    return 0


class WeakKeyDictionary(dict):
    pass


class WeakValueDictionary(dict):
    pass


class WeakSet(set):
    pass


ProxyType = CallableProxyType = object
ProxyTypes = ()
