"""Command lines. No arguments are given: what is parsed are the defaults, unless a list is passed."""
SUPPRESS = "==SUPPRESS=="
OPTIONAL, ZERO_OR_MORE, ONE_OR_MORE, PARSER, REMAINDER = "?", "*", "+", "A...", "..."


class ArgumentError(Exception):
    def __init__(self, argument, message):
        super().__init__(message)


class ArgumentTypeError(Exception):
    pass


class HelpFormatter:
    def __init__(self, prog=None, *args, **kwargs):
        pass


class RawTextHelpFormatter(HelpFormatter):
    pass


class RawDescriptionHelpFormatter(HelpFormatter):
    pass


class ArgumentDefaultsHelpFormatter(HelpFormatter):
    pass


class MetavarTypeHelpFormatter(HelpFormatter):
    pass


class Namespace:
    def __init__(self, **kwargs):
        for name, value in kwargs.items():
            setattr(self, name, value)

    def __eq__(self, other):
        return isinstance(other, Namespace) and vars(self) == vars(other)

    __hash__ = None

    def __contains__(self, key):
        return key in self.__dict__

    def __repr__(self):
        return "Namespace(" + ", ".join([f"{name}={value!r}" for name, value in self.__dict__.items()]) + ")"


class Action:
    def __init__(self, option_strings, dest, nargs=None, const=None, default=None, type=None, choices=None, required=False, help=None, metavar=None, **kwargs):
        self.option_strings = option_strings
        self.dest = dest
        self.nargs = nargs
        self.const = const
        self.default = default
        self.type = type
        self.choices = choices
        self.required = required
        self.help = help
        self.metavar = metavar

    def __call__(self, parser, namespace, values, option_string=None):
        setattr(namespace, self.dest, values)


class _Append(Action):
    def __call__(self, parser, namespace, values, option_string=None):
        setattr(namespace, self.dest, [*(getattr(namespace, self.dest, None) or []), values])


class _Extend(Action):
    def __call__(self, parser, namespace, values, option_string=None):
        setattr(namespace, self.dest, [*(getattr(namespace, self.dest, None) or []), *values])


class _Constant(Action):
    def __call__(self, parser, namespace, values, option_string=None):
        setattr(namespace, self.dest, self.const)


class _Count(Action):
    def __call__(self, parser, namespace, values, option_string=None):
        setattr(namespace, self.dest, (getattr(namespace, self.dest, None) or 0) + 1)


class BooleanOptionalAction(Action):
    def __call__(self, parser, namespace, values, option_string=None):
        setattr(namespace, self.dest, not option_string.startswith("--no-"))


class _Nothing(Action):
    def __call__(self, parser, namespace, values, option_string=None):
        pass


_actions = {
    None: Action, "store": Action, "append": _Append, "extend": _Extend, "count": _Count,
    "store_const": _Constant, "store_true": _Constant, "store_false": _Constant, "help": _Nothing, "version": _Nothing,
}


class _Container:
    def __init__(self):
        self._arguments = []
        self._defaults = {}

    def add_argument(self, *names, action=None, **options):
        flags = [name for name in names if name.startswith("-")]
        if "dest" in options:
            dest = options.pop("dest")
        elif flags:
            long = [name for name in flags if name.startswith("--")]
            dest = (long[0] if long else flags[0]).lstrip("-").replace("-", "_")
        else:
            dest = names[0]
        kind = _actions.get(action, Action) if isinstance(action, str) or action is None else action
        if action in ("store_true", "store_false"):
            options["const"] = action == "store_true"
            options.setdefault("default", action == "store_false")
        if action == "append_const":
            kind = _Append
        if kind in (_Constant, _Count, _Nothing) or action is BooleanOptionalAction:
            options["nargs"] = 0
        if action in ("help", "version"):
            options["default"] = SUPPRESS
        options.pop("version", None)
        if kind is BooleanOptionalAction:
            flags = [*flags, *["--no-" + flag[2:] for flag in flags if flag.startswith("--")]]
        made = kind(flags, dest, **options)
        self._list().append(made)
        return made

    def _list(self):
        return self._arguments

    def add_argument_group(self, *args, **kwargs):
        return _Group(self)

    def add_mutually_exclusive_group(self, **kwargs):
        return _Group(self)

    def set_defaults(self, **kwargs):
        self._defaults.update(kwargs)
        for argument in self._list():
            if argument.dest in kwargs:
                argument.default = kwargs[argument.dest]

    def get_default(self, dest):
        for argument in self._list():
            if argument.dest == dest:
                return argument.default
        return self._defaults.get(dest)

    def register(self, *args):
        pass


class _Group(_Container):
    def __init__(self, owner):
        self._owner = owner
        self._defaults = owner._defaults

    def _list(self):
        return self._owner._list()


class _SubParsers:
    def __init__(self, dest):
        self.dest = dest
        self.choices = {}

    def add_parser(self, name, **kwargs):
        self.choices[name] = ArgumentParser()
        return self.choices[name]


def _typed(argument, value):
    if isinstance(value, str) and argument.type is not None:
        return argument.type(value)
    return value


class ArgumentParser(_Container):
    def __init__(self, prog=None, usage=None, description=None, epilog=None, parents=(), formatter_class=None, add_help=True, argument_default=None, **kwargs):
        super().__init__()
        self.prog = prog
        self.description = description
        self._argument_default = argument_default
        self._subparsers = None
        for parent in parents:
            self._arguments.extend(parent._arguments)
            self._defaults.update(parent._defaults)

    def add_subparsers(self, *, dest=None, **kwargs):
        self._subparsers = _SubParsers(dest)
        return self._subparsers

    def parse_args(self, args=None, namespace=None):
        found, rest = self.parse_known_args(args, namespace)
        if rest:
            self.error("unrecognized arguments: " + " ".join(rest))
        return found

    def parse_known_args(self, args=None, namespace=None):
        found = Namespace() if namespace is None else namespace
        for argument in self._arguments:
            if argument.default is not SUPPRESS and argument.dest is not SUPPRESS and not hasattr(found, argument.dest):
                value = argument.default if argument.default is not None else self._argument_default
                if value is not SUPPRESS:
                    setattr(found, argument.dest, _typed(argument, value))
        for name, value in self._defaults.items():
            if not hasattr(found, name):
                setattr(found, name, value)
        if self._subparsers is not None and self._subparsers.dest and not hasattr(found, self._subparsers.dest):
            setattr(found, self._subparsers.dest, None)
        return found, self._read(list(args or ()), found)

    def _read(self, words, found):
        """Puts the words into the namespace; gives those that no argument takes."""
        rest = []
        places = [argument for argument in self._arguments if not argument.option_strings]
        while words:
            word = words.pop(0)
            flag, equals, value = word.partition("=")
            option = None
            for argument in self._arguments:
                if (flag if equals else word) in argument.option_strings:
                    option = argument
            if option is not None:
                given = [value] if equals else []
                self._take(option, given, words, found, flag)
            elif word.startswith("-") and len(word) > 1 and not word[1].isdigit():
                rest.append(word)
            elif places:
                words.insert(0, word)
                self._take(places.pop(0), [], words, found, None)
            elif self._subparsers is not None and word in self._subparsers.choices:
                if self._subparsers.dest:
                    setattr(found, self._subparsers.dest, word)
                _, more = self._subparsers.choices[word].parse_known_args(words, found)
                return rest + more
            else:
                rest.append(word)
        return rest

    def _take(self, argument, given, words, found, flag):
        nargs = argument.nargs
        most = {None: 1, "?": 1, 0: 0}.get(nargs, nargs if isinstance(nargs, int) else 10**6)
        while len(given) < most and words and (not words[0].startswith("-") or words[0][1:2].isdigit()):
            given.append(words.pop(0))
        values = [_typed(argument, one) for one in given]
        for one in values:
            if argument.choices is not None and one not in argument.choices:
                self.error(f"argument {argument.dest}: invalid choice: {one!r}")
        if nargs in (None, "?"):
            argument(self, found, values[0] if values else argument.const, flag)
        else:
            argument(self, found, values, flag)

    def error(self, message):
        raise SystemExit(2)

    def exit(self, status=0, message=None):
        raise SystemExit(status)

    def print_help(self, file=None):
        pass

    def print_usage(self, file=None):
        pass

    def format_help(self):
        return ""

    def parse_intermixed_args(self, args=None, namespace=None):
        return self.parse_args(args, namespace)


class FileType:
    def __init__(self, mode="r", *args):
        self.mode = mode

    def __call__(self, name):
        return open(name, self.mode)
