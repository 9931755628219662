"""loguru: a logger that writes nothing."""


class _Logger:
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: self

    def catch(self, *args, **kwargs):
        return args[0] if args and callable(args[0]) else (lambda fn: fn)


logger = _Logger()
