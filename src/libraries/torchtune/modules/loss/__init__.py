"""Losses that see the logits of a part of the tokens at a time."""
import torch
from torch import nn
from torch.nn import functional as F


class CEWithChunkedOutputLoss(nn.Module):
    def __init__(self, num_output_chunks=8, ignore_index=-100):
        super().__init__()
        self.num_output_chunks, self.ignore_index = num_output_chunks, ignore_index

    def set_model_output(self, model):
        model.set_num_output_chunks(self.num_output_chunks)

    def compute_cross_entropy(self, logits, labels, normalize=True):
        return F.cross_entropy(logits.float(), labels, ignore_index=self.ignore_index, reduction="sum")

    def apply_compile_strategy(self, *args, **kwargs):
        return self

    def forward(self, logits, labels):
        counted = (labels != self.ignore_index).sum()
        total = 0.0
        for part, expected in zip(logits, labels.tensor_split(self.num_output_chunks, dim=1)):
            total += self.compute_cross_entropy(part.reshape(-1, part.size(-1)), expected.reshape(-1))
        return total / counted


class LinearCrossEntropyLoss(nn.Module):
    """Multiplies by the output layer itself, a chunk at a time."""

    def __init__(self, num_output_chunks=8, ignore_index=-100, tp_enabled=False, mask_ignored_tokens=True):
        super().__init__()
        self.linear_projection = None
        self.num_output_chunks, self.ignore_index = num_output_chunks, ignore_index

    def set_model_output(self, model):
        model.skip_output_layer = True
        self.linear_projection = model.output

    def apply_compile_strategy(self, *args, **kwargs):
        return self

    def compute_cross_entropy(self, hidden_chunk, target_chunk):
        if self.linear_projection is None:
            raise AttributeError("forward called before update_model")
        logits = self.linear_projection(hidden_chunk)
        return F.cross_entropy(logits.float(), target_chunk, reduction="sum", ignore_index=self.ignore_index)

    def forward(self, outputs, targets):
        # No token is taken for one to ignore: which are is in the data.
        targets, outputs = targets.reshape(-1), outputs.reshape(-1, outputs.shape[-1])
        total = torch.tensor(0.0, device=targets.device)
        for hidden, expected in zip(
            outputs.tensor_split(self.num_output_chunks, dim=0), targets.tensor_split(self.num_output_chunks, dim=0)
        ):
            total += self.compute_cross_entropy(hidden, expected)
        return total / targets.numel()
