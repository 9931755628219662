"""Derivatives of functions: none is computed here."""
import torch


def jacobian(func, inputs, *args, **kwargs):
    return torch._unknown("a Jacobian's cost is not followed")


hessian = vjp = jvp = vhp = hvp = jacobian
