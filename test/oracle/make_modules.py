"""Writes modules.tsv: what real PyTorch says of single layers.

    python3 make_modules.py > modules.tsv

Each row is a layer as an expression, its inputs, and then what PyTorch finds: the number of parameters, the names and
shapes of the state dict, the shapes of the output, the multiply-adds that `FlopCounterMode` counts in eval mode without
gradients (two FLOPs each). Where the constructor or the call refuses, the output is the exception. Everything runs on the
meta device. Nobody edits a row by hand.
"""

import warnings

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from modules_list import cases


def shapes(value):
    """A tensor as its sizes; what holds several in brackets of its kind."""
    if isinstance(value, torch.Tensor):
        return "[" + ",".join(str(size) for size in value.shape) + "]"
    if isinstance(value, (tuple, list)):
        return "(" + " ".join(shapes(one) for one in value) + ")"
    return str(value)


def row(expression, inputs):
    """The figures of one layer; the exception, by type, in place of the output."""
    names = {"torch": torch, "nn": nn, "F": F}
    parameters = state = macs = ""
    try:
        with torch.device("meta"):
            module = eval(expression, names).eval()
            arguments = eval(f"({inputs},)", names) if inputs else None
        output = ""
        if arguments is not None:
            with torch.no_grad(), FlopCounterMode(display=False) as counter, torch.device("meta"):
                output = shapes(module(*arguments))
            macs = counter.get_total_flops() // 2
        parameters = sum(parameter.numel() for parameter in module.parameters())
        state = " ".join(f"{name}{shapes(value)}" for name, value in module.state_dict().items())
    except Exception as error:
        output = type(error).__name__
    return [expression, inputs, str(parameters), state, output, str(macs)]


def main():
    warnings.simplefilter("ignore")
    torch.backends.mha.set_fastpath_enabled(False)
    print(f"# torch {torch.__version__.split('+')[0]}: python3 make_modules.py > modules.tsv")
    print("\t".join(["module", "inputs", "parameters", "state", "output", "macs"]))
    for case in cases():
        print("\t".join(row(*case)))


if __name__ == "__main__":
    main()
