"""Classes that code only tests for."""
from torch.jit import ScriptFunction, ScriptModule


class SymInt:
    pass


class SymFloat:
    pass


class SymBool:
    pass


def sym_int(a):
    return int(a)


def sym_float(a):
    return float(a)


def sym_max(a, b):
    return max(a, b)


def sym_min(a, b):
    return min(a, b)


def sym_not(a):
    return not a


def sym_sum(args):
    return sum(args)
