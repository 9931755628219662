"""Warnings are not shown."""


def warn(message, category=None, stacklevel=1, source=None, **kwargs):
    pass


def warn_explicit(*args, **kwargs):
    pass


def filterwarnings(*args, **kwargs):
    pass


def simplefilter(*args, **kwargs):
    pass


def resetwarnings():
    pass


def formatwarning(message, *args, **kwargs):
    return str(message)


def showwarning(*args, **kwargs):
    pass


filters = []


class catch_warnings:
    def __init__(self, *, record=False, **kwargs):
        self._record = record

    def __enter__(self):
        return [] if self._record else None

    def __exit__(self, *exc):
        return None

    def __call__(self, func):
        return func


def deprecated(message, **kwargs):
    return lambda decorated: decorated
