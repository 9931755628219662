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
            self.SCB = nn.Parameter(torch.empty(output_features, dtype=torch.float32, device=device), requires_grad=False)

    def forward(self, x):
        return F.linear(x, self.weight.to(x.dtype), self.bias)


class Linear4bit(nn.Linear):
    """Two weights a byte and one float32 scale for each 64; they are written out in the input's type before the product."""

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
        self.weight = nn.Parameter(torch.empty((count + 1) // 2, 1, dtype=torch.uint8, device=device), requires_grad=False)
        blocks = (count + 63) // 64
        if compress_statistics:
            scales = torch.empty(blocks, dtype=torch.uint8, device=device)
            outer = torch.empty((blocks + 255) // 256 + 1, dtype=torch.float32, device=device)
            self.outer = nn.Parameter(outer, requires_grad=False)
        else:
            scales = torch.empty(blocks, dtype=torch.float32, device=device)
        self.absmax = nn.Parameter(scales, requires_grad=False)

    def forward(self, x):
        weight = torch.empty(self.out_features, self.in_features, dtype=x.dtype, device=x.device)
        return F.linear(x, weight, self.bias)


class LinearNF4(Linear4bit):
    def __init__(self, input_features, output_features, bias=True, compute_dtype=None, compress_statistics=True, quant_storage=torch.uint8, device=None):
        super().__init__(input_features, output_features, bias, compute_dtype, compress_statistics, "nf4", quant_storage, device)
