import torch
from torch import nn
import torch.nn.functional as F


class Linear8bitLt(nn.Linear):
    """Weights as int8 with one float32 scale an output; products run in the input's type."""

    def __init__(self, input_features, output_features, bias=True, has_fp16_weights=True, threshold=0.0, index=None, device=None):
        super().__init__(input_features, output_features, bias, device)
        self.has_fp16_weights = has_fp16_weights
        self.threshold = threshold
        if not has_fp16_weights:
            stored = torch.empty(output_features, input_features, dtype=torch.int8, device=device)
            self.weight = nn.Parameter(stored, requires_grad=False)
            self.register_buffer("SCB", torch.empty(output_features, dtype=torch.float32, device=device))

    def forward(self, x):
        return F.linear(x, self.weight.to(x.dtype), self.bias)


class MatMul4Bit(torch.autograd.Function):
    """The weight is written out in the input's type for the product, and once more for the input's gradient."""

    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.save_for_backward(weight)
        return F.linear(x, weight.to(x.dtype), bias)

    @staticmethod
    def backward(ctx, grad):
        (weight,) = ctx.saved_tensors
        to_x = grad @ weight.to(grad.dtype) if ctx.needs_input_grad[0] else None
        to_bias = grad.flatten(0, -2).sum(0) if ctx.needs_input_grad[2] else None
        return to_x, None, to_bias


def Params4bit(data=None, requires_grad=False, quant_state=None, blocksize=64, compress_statistics=True, quant_type="fp4", quant_storage=torch.uint8, module=None, bnb_quantized=False):
    """A weight that is quantized when it is moved to the device; its scales stand in its layer."""
    return nn.Parameter(torch.empty(data.shape, dtype=torch.int4, device=data.device), requires_grad=False)


class Linear4bit(nn.Linear):
    """Four bits a weight and one float32 scale for each 64; they are written out in the input's type before the product."""

    def __init__(
        self,
        input_features,
        output_features,
        bias=True,
        compute_dtype=None,
        compress_statistics=True,
        quant_type="fp4",
        quant_storage=torch.uint8,
        device=None,
    ):
        super().__init__(input_features, output_features, bias, device)
        count = input_features * output_features
        # bitsandbytes packs two into a byte of a column; here a weight keeps its shape, so that it is counted as what it stands for.
        stored = torch.empty(output_features, input_features, dtype=torch.int4, device=device)
        self.weight = nn.Parameter(stored, requires_grad=False)
        blocks = (count + 63) // 64
        if compress_statistics:
            scales = torch.empty(blocks, dtype=torch.uint8, device=device)
            outer = torch.empty((blocks + 255) // 256 + 1, dtype=torch.float32, device=device)
            self.register_buffer("outer", outer)
        else:
            scales = torch.empty(blocks, dtype=torch.float32, device=device)
        self.register_buffer("absmax", scales)

    def forward(self, x):
        if torch.is_grad_enabled():
            return MatMul4Bit.apply(x, self.weight, self.bias)
        return F.linear(x, self.weight.to(x.dtype), self.bias)


class LinearNF4(Linear4bit):
    def __init__(self, input_features, output_features, bias=True, compute_dtype=None, compress_statistics=True, quant_storage=torch.uint8, device=None):
        super().__init__(input_features, output_features, bias, compute_dtype, compress_statistics, "nf4", quant_storage, device)
