"""Small things."""
from itertools import repeat


def to_ntuple(n):
    return lambda x: tuple(x) if isinstance(x, (list, tuple)) else tuple(repeat(x, n))


to_2tuple = to_ntuple(2)
to_3tuple = to_ntuple(3)


def is_tuple_of(seq, expected_type):
    return isinstance(seq, tuple) and all(isinstance(one, expected_type) for one in seq)


def is_list_of(seq, expected_type):
    return isinstance(seq, list) and all(isinstance(one, expected_type) for one in seq)


def is_seq_of(seq, expected_type, seq_type=None):
    return isinstance(seq, (list, tuple)) and all(isinstance(one, expected_type) for one in seq)


def deprecated_api_warning(*args, **kwargs):
    return lambda fn: fn
