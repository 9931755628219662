"""The masks that are no tensors."""
import torch


class AttentionBias:
    pass


class LowerTriangularMask(AttentionBias):
    def __init__(self, *args, **kwargs):
        pass

    def materialize(self, shape, dtype=torch.float32, device="cpu"):
        return torch.full(shape, float("-inf"), dtype=dtype, device=device).triu(1)


class BlockDiagonalMask(AttentionBias):
    causal = False

    def __init__(self, q_lengths, k_lengths, split=None):
        self.q_lengths, self.k_lengths, self._split = list(q_lengths), list(k_lengths), split

    @classmethod
    def from_seqlens(cls, q_seqlen, kv_seqlen=None, *, device=None):
        return cls(q_seqlen, q_seqlen if kv_seqlen is None else kv_seqlen)

    @classmethod
    def from_tensor_list(cls, tensors):
        lengths = [t.shape[1] for t in tensors for _ in range(t.shape[0])]
        mask = cls(lengths, lengths, [(t.shape[0], t.shape[1]) for t in tensors])
        return mask, torch.cat([t.reshape(1, -1, *t.shape[2:]) for t in tensors], dim=1)

    def split(self, tensor):
        parts, at = [], 0
        for batch, length in self._split or [(1, length) for length in self.q_lengths]:
            parts.append(tensor[:, at : at + batch * length].reshape(batch, length, *tensor.shape[2:]))
            at += batch * length
        return parts

    def make_causal(self):
        made = BlockDiagonalCausalMask(self.q_lengths, self.k_lengths, self._split)
        return made


class BlockDiagonalCausalMask(BlockDiagonalMask):
    causal = True
