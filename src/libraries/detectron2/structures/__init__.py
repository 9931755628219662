"""Images of one batch."""
import torch
import torch.nn.functional as F


class ImageList:
    def __init__(self, tensor, image_sizes):
        self.tensor, self.image_sizes = tensor, image_sizes

    def __len__(self):
        return len(self.image_sizes)

    @property
    def device(self):
        return self.tensor.device

    @staticmethod
    def from_tensors(tensors, size_divisibility=0, pad_value=0.0, padding_constraints=None):
        sizes = [(one.shape[-2], one.shape[-1]) for one in tensors]
        height, width = max(h for h, _ in sizes), max(w for _, w in sizes)
        if size_divisibility > 1:
            height = (height + size_divisibility - 1) // size_divisibility * size_divisibility
            width = (width + size_divisibility - 1) // size_divisibility * size_divisibility
        padded = [F.pad(one, (0, width - w, 0, height - h), value=pad_value) for one, (h, w) in zip(tensors, sizes)]
        return ImageList(torch.stack(padded), sizes)
