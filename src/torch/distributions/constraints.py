"""Constraints are not checked."""


class Constraint:
    pass


real = positive = simplex = unit_interval = boolean = real_vector = nonnegative_integer = Constraint()
