"""The collector of unused objects does nothing here."""


def collect(generation=2):
    return 0


def disable():
    pass


enable = freeze = unfreeze = disable


def isenabled():
    return True


def get_objects(generation=None):
    return []


def get_referrers(*objs):
    return []


get_referents = get_referrers


def set_threshold(*args):
    pass


def get_threshold():
    return (700, 10, 10)


def get_count():
    return (0, 0, 0)


garbage = []
callbacks = []
