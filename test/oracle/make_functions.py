"""Prints test/oracle/functions.tsv: expressions of torch, their results' shapes, dtypes and aliasing, and what autograd keeps.

    /usr/bin/python3 test/oracle/make_functions.py > test/oracle/functions.tsv

A row is an expression over the names that the `setup` rows make; its result (`@x`: shares the storage of x, strides where
they are not row-major); and the bytes of distinct storages of more than 8 bytes that autograd keeps, `-` where CUDA's
kernels keep something else than this CPU build's.
"""
import types

import torch
import torch.nn as nn
import torch.nn.functional as F

import functions_programs
from functions_list import CASES, ELSEWHERE, SETUP

SHORT = {"float32": "f32", "float64": "f64", "float16": "f16", "bfloat16": "bf16", "int64": "i64", "int32": "i32"}


def shown(value, names):
    if isinstance(value, torch.Tensor):
        dtype = str(value.dtype)[6:]
        text = f"{SHORT.get(dtype, dtype)}[{', '.join(map(str, value.shape))}]"
        if not value.is_contiguous():
            text += "/" + ",".join(map(str, value.stride()))
        pointer = value.storage().data_ptr()
        owner = next((k for k, v in names.items() if isinstance(v, torch.Tensor) and v.storage().data_ptr() == pointer), None)
        return text + (f"@{owner}" if owner and value.numel() else "") + ("!" if value.requires_grad else "")
    if isinstance(value, (tuple, list)) and not isinstance(value, torch.Size):
        return "(" + "; ".join(shown(one, names) for one in value) + ")"
    if isinstance(value, torch.Size):
        return "Size" + str(list(value))
    if isinstance(value, float):
        return f"{value:.5g}"
    return str(value)


def measured(expression):
    torch.manual_seed(0)
    names = {"torch": torch, "nn": nn, "F": F, "programs": functions_programs}
    for line in SETUP:
        exec(line, names)
    saved = {}

    def pack(tensor):
        storage = tensor.storage()
        saved[storage.data_ptr()] = storage.nbytes()
        kept.append(tensor)
        return tensor

    kept = []
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        value = eval(expression, names)
    return shown(value, names), sum(size for size in saved.values() if size > 8)


def main():
    print(f"# torch {torch.__version__.split('a')[0]}; /usr/bin/python3 test/oracle/make_functions.py")
    for line in SETUP:
        print("setup", line, "", sep="\t")
    for case in CASES:
        differs = case.startswith("~")
        expression = case[1:] if differs else case
        value, saved = measured(expression)
        print(expression, value, "-" if differs else saved, sep="\t")
    for name, program in vars(functions_programs).items():
        if isinstance(program, types.FunctionType):
            value, saved = measured(f"programs.{name}()")
            print(f"programs.{name}()", value, "-" if name in ELSEWHERE else saved, sep="\t")


main()
