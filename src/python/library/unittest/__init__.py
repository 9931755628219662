"""Tests are not run."""


class TestCase:
    def __init_subclass__(cls, **kwargs):
        pass


class TestSuite:
    pass


def main(*args, **kwargs):
    pass


def skip(reason):
    return lambda func: func


def skipIf(condition, reason):
    return lambda func: func


skipUnless = skipIf


def expectedFailure(func):
    return func
