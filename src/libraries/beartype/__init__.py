"""beartype: type checks at run time, taken as passed."""


class BeartypeStrategy:
    O0 = O1 = Ologn = On = None


class BeartypeConf:
    def __init__(self, **kwargs):
        pass


def beartype(obj=None, *, conf=None):
    return obj if obj is not None else (lambda f: f)
