"""Profiling does nothing here."""


class profile:
    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, func):
        return func

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return False

    def step(self):
        pass


class record_function(profile):
    pass


class emit_nvtx(profile):
    pass
