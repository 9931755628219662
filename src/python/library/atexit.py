"""What should be done at the end is not done."""


def register(func, *args, **kwargs):
    return func


def unregister(func):
    pass
