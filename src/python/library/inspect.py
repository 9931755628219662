"""What functions and classes say of themselves."""
from _assay import unknown as _unknown
from _inspect import is_async as _is_async, kind_of as _kind_of, members as _members, parameters as _parameters, yields as _yields
from collections import OrderedDict as _OrderedDict, namedtuple as _namedtuple
from enum import IntEnum as _IntEnum
from types import ModuleType as _ModuleType


class _empty:
    pass


class _ParameterKind(_IntEnum):
    POSITIONAL_ONLY = 0
    POSITIONAL_OR_KEYWORD = 1
    VAR_POSITIONAL = 2
    KEYWORD_ONLY = 3
    VAR_KEYWORD = 4

    def __str__(self):
        return self.name


_kinds = list(_ParameterKind)


class Parameter:
    POSITIONAL_ONLY = _ParameterKind.POSITIONAL_ONLY
    POSITIONAL_OR_KEYWORD = _ParameterKind.POSITIONAL_OR_KEYWORD
    VAR_POSITIONAL = _ParameterKind.VAR_POSITIONAL
    KEYWORD_ONLY = _ParameterKind.KEYWORD_ONLY
    VAR_KEYWORD = _ParameterKind.VAR_KEYWORD
    empty = _empty

    def __init__(self, name, kind, *, default=_empty, annotation=_empty):
        self.name = name
        self.kind = kind
        self.default = default
        self.annotation = annotation

    def replace(self, **changes):
        given = {"name": self.name, "kind": self.kind, "default": self.default, "annotation": self.annotation}
        given.update(changes)
        return Parameter(given["name"], given["kind"], default=given["default"], annotation=given["annotation"])

    def __str__(self):
        text = {2: "*", 4: "**"}.get(int(self.kind), "") + self.name
        if self.annotation is not _empty:
            text += f": {formatannotation(self.annotation)}"
        if self.default is not _empty:
            text += f" = {self.default!r}" if self.annotation is not _empty else f"={self.default!r}"
        return text

    def __repr__(self):
        return f'<Parameter "{self}">'


def formatannotation(annotation):
    return getattr(annotation, "__name__", None) or repr(annotation)


class BoundArguments:
    def __init__(self, signature, arguments):
        self.signature = signature
        self.arguments = arguments

    def apply_defaults(self):
        filled = {}
        for name, parameter in self.signature.parameters.items():
            if name in self.arguments:
                filled[name] = self.arguments[name]
            elif parameter.default is not _empty:
                filled[name] = parameter.default
            elif parameter.kind == Parameter.VAR_POSITIONAL:
                filled[name] = ()
            elif parameter.kind == Parameter.VAR_KEYWORD:
                filled[name] = {}
        self.arguments = filled

    @property
    def args(self):
        given = []
        for name, parameter in self.signature.parameters.items():
            if parameter.kind in (Parameter.KEYWORD_ONLY, Parameter.VAR_KEYWORD) or name not in self.arguments:
                break
            if parameter.kind == Parameter.VAR_POSITIONAL:
                given.extend(self.arguments[name])
            else:
                given.append(self.arguments[name])
        return tuple(given)

    @property
    def kwargs(self):
        given = {}
        for name, parameter in self.signature.parameters.items():
            if name in self.arguments and parameter.kind == Parameter.VAR_KEYWORD:
                given.update(self.arguments[name])
            elif name in self.arguments and parameter.kind == Parameter.KEYWORD_ONLY:
                given[name] = self.arguments[name]
        return given


class Signature:
    empty = _empty

    def __init__(self, parameters=None, *, return_annotation=_empty):
        self.parameters = _OrderedDict([(one.name, one) for one in parameters or ()])
        self.return_annotation = return_annotation

    @classmethod
    def from_callable(cls, obj, **kwargs):
        return signature(obj)

    def replace(self, *, parameters=None, return_annotation=_empty):
        return Signature(self.parameters.values() if parameters is None else parameters, return_annotation=return_annotation)

    def _bound(self, args, kwargs, partially):
        arguments = {}
        left = list(args)
        rest = dict(kwargs)
        for name, parameter in self.parameters.items():
            if parameter.kind == Parameter.VAR_POSITIONAL:
                if left:
                    arguments[name] = tuple(left)
                left = []
            elif parameter.kind == Parameter.VAR_KEYWORD:
                if rest:
                    arguments[name] = rest
                rest = {}
            elif left and parameter.kind != Parameter.KEYWORD_ONLY:
                if name in rest:
                    raise TypeError(f"multiple values for argument {name!r}")
                arguments[name] = left.pop(0)
            elif name in rest:
                arguments[name] = rest.pop(name)
            elif parameter.default is _empty and not partially:
                raise TypeError(f"missing a required argument: {name!r}")
        if left:
            raise TypeError("too many positional arguments")
        for name in rest:
            raise TypeError(f"got an unexpected keyword argument {name!r}")
        return BoundArguments(self, arguments)

    def bind(self, /, *args, **kwargs):
        return self._bound(args, kwargs, False)

    def bind_partial(self, /, *args, **kwargs):
        return self._bound(args, kwargs, True)

    def __str__(self):
        parts = []
        star = False
        for one in self.parameters.values():
            if one.kind == Parameter.VAR_POSITIONAL:
                star = True
            elif one.kind == Parameter.KEYWORD_ONLY and not star:
                parts.append("*")
                star = True
            parts.append(str(one))
        end = "" if self.return_annotation is _empty else f" -> {formatannotation(self.return_annotation)}"
        return f"({', '.join(parts)}){end}"

    def __repr__(self):
        return f"<Signature {self}>"

    def __eq__(self, other):
        return isinstance(other, Signature) and str(self) == str(other)


def _made(func):
    hints = getattr(func, "__annotations__", {})
    from_dataclass = getattr(func, "_dataclass_parameters", None)
    if from_dataclass is not None:
        bound = [] if hasattr(func, "__self__") else [Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)]
        for name, hint, default, factory, keyword in from_dataclass:
            kind = Parameter.KEYWORD_ONLY if keyword else Parameter.POSITIONAL_OR_KEYWORD
            value = default if type(default).__name__ != "_Missing" else _empty
            if type(factory).__name__ != "_Missing":
                value = factory
            bound.append(Parameter(name, kind, default=value, annotation=hint))
        return Signature(bound)
    found = _parameters(func)
    if found is None:
        return None
    made = [
        Parameter(name, _kinds[kind], default=default if given else _empty, annotation=hints.get(name, _empty))
        for name, kind, given, default in found
    ]
    return Signature(made, return_annotation=hints.get("return", _empty))


def signature(obj, *, follow_wrapped=True, **kwargs):
    if not callable(obj):
        raise TypeError(f"{obj!r} is not a callable object")
    while follow_wrapped and hasattr(obj, "__wrapped__"):
        obj = obj.__wrapped__
    explicit = getattr(obj, "__signature__", None)
    if explicit is not None:
        return explicit
    found = _made(obj)
    if found is not None:
        return found
    if isinstance(obj, type):
        init = getattr(obj, "__init__", None)
        if init is object.__init__:
            new = obj.__new__
            if new is object.__new__:
                return Signature([])
            init = new
        return _without_first(signature(init))
    if hasattr(obj, "func") and hasattr(obj, "keywords"):
        inner = signature(obj.func)
        left = list(inner.parameters.values())[len(obj.args):]
        return Signature(
            [one.replace(default=obj.keywords[one.name], kind=Parameter.KEYWORD_ONLY) if one.name in obj.keywords else one for one in left],
            return_annotation=inner.return_annotation,
        )
    return _without_first(signature(type(obj).__call__))


def _without_first(whole):
    return Signature(list(whole.parameters.values())[1:], return_annotation=whole.return_annotation)


FullArgSpec = _namedtuple("FullArgSpec", "args, varargs, varkw, defaults, kwonlyargs, kwonlydefaults, annotations")
ArgSpec = _namedtuple("ArgSpec", "args varargs keywords defaults")


def getfullargspec(func):
    inside = func.__init__ if isinstance(func, type) else func
    whole = _made(inside) or signature(inside)
    all_of = list(whole.parameters.values())
    if hasattr(inside, "__self__"):
        all_of = [Parameter("self", Parameter.POSITIONAL_OR_KEYWORD), *all_of]
    plain = [one for one in all_of if one.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)]
    only = [one for one in all_of if one.kind == Parameter.KEYWORD_ONLY]
    star = [one.name for one in all_of if one.kind == Parameter.VAR_POSITIONAL]
    stars = [one.name for one in all_of if one.kind == Parameter.VAR_KEYWORD]
    defaults = tuple([one.default for one in plain if one.default is not _empty])
    return FullArgSpec(
        [one.name for one in plain],
        star[0] if star else None,
        stars[0] if stars else None,
        defaults or None,
        [one.name for one in only],
        {one.name: one.default for one in only if one.default is not _empty} or None,
        dict(getattr(inside, "__annotations__", {})),
    )


def getargspec(func):
    return ArgSpec(*getfullargspec(func)[:4])


def isclass(obj):
    return isinstance(obj, type)


def isfunction(obj):
    return _kind_of(obj) == "function"


def ismethod(obj):
    return _kind_of(obj) == "method"


def isbuiltin(obj):
    return _kind_of(obj) == "builtin"


def isroutine(obj):
    return _kind_of(obj) in ("function", "method", "builtin")


def ismodule(obj):
    return isinstance(obj, _ModuleType)


def isgenerator(obj):
    return _kind_of(obj) == "generator"


def isgeneratorfunction(obj):
    return _yields(obj)


def iscoroutinefunction(obj):
    return _is_async(obj)


def isdatadescriptor(obj):
    return _kind_of(obj) == "data"


def isabstract(obj):
    return isinstance(obj, type) and bool(getattr(obj, "__abstractmethods__", None))


def isawaitable(obj):
    return hasattr(obj, "__await__")


def ismethoddescriptor(obj):
    return False


def getmembers(obj, predicate=None):
    return [(name, value) for name, value in _members(obj) if predicate is None or predicate(value)]


def getmro(cls):
    return cls.__mro__


def getdoc(obj):
    doc = getattr(obj, "__doc__", None)
    return cleandoc(doc) if isinstance(doc, str) else None


def cleandoc(doc):
    lines = doc.expandtabs().split("\n")
    indents = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    cut = min(indents) if indents else 0
    lines = [lines[0].lstrip(), *[line[cut:] for line in lines[1:]]]
    return "\n".join(lines).strip("\n")


def getmodule(obj, *args):
    import sys

    return sys.modules.get(getattr(obj, "__module__", None))


def unwrap(func, *, stop=None):
    while hasattr(func, "__wrapped__") and not (stop is not None and stop(func)):
        func = func.__wrapped__
    return func


def getsource(obj):
    """A module's text; where a function or class begins in it is not kept."""
    if ismodule(obj) and obj.__file__:
        return open(obj.__file__).read()
    return _unknown("the source text of an object")


def getsourcelines(obj):
    return _unknown("the source text of an object")


def getsourcefile(obj):
    return getattr(obj, "__file__", None) or getattr(getattr(obj, "__code__", None), "co_filename", "")


getfile = getsourcefile


def getcallargs(func, /, *args, **kwargs):
    bound = signature(func).bind(*args, **kwargs)
    bound.apply_defaults()
    return bound.arguments


def stack(context=1):
    return _unknown("the calls in progress")


def currentframe():
    return _unknown("the frame of a call")


def getattr_static(obj, name, *default):
    return getattr(obj, name, *default)


def get_annotations(obj, **kwargs):
    return dict(getattr(obj, "__annotations__", {}))
