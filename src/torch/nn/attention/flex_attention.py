"""Attention with a score function of the user's. It is priced as dense attention: what a mask skips is not known."""

from collections import namedtuple

from .. import functional as F

AuxRequest = namedtuple("AuxRequest", ["lse", "max_scores"], defaults=(False, False))
AuxOutput = namedtuple("AuxOutput", ["lse", "max_scores"], defaults=(None, None))
_DEFAULT_SPARSE_BLOCK_SIZE = 128


def noop_mask(batch, head, token_q, token_kv):
    return True


class BlockMask:
    """Which blocks of (queries, keys) are looked at: its sizes, and the function that says it."""

    def __init__(self, seq_lengths, mask_mod=noop_mask, BLOCK_SIZE=_DEFAULT_SPARSE_BLOCK_SIZE, batch=1, heads=1):
        self.seq_lengths = seq_lengths
        self.mask_mod = mask_mod
        self.BLOCK_SIZE = (BLOCK_SIZE, BLOCK_SIZE) if isinstance(BLOCK_SIZE, int) else tuple(BLOCK_SIZE)
        self.batch = batch
        self.heads = heads

    @property
    def shape(self):
        return (self.batch, self.heads, *self.seq_lengths)

    def numel(self):
        return self.batch * self.heads * self.seq_lengths[0] * self.seq_lengths[1]

    def __getitem__(self, index):
        return self

    def to(self, device):
        return self

    def _adjust(self, new_q_len, new_kv_len):
        return BlockMask((new_q_len, new_kv_len), self.mask_mod, self.BLOCK_SIZE, self.batch, self.heads)

    @classmethod
    def from_kv_blocks(
        cls, kv_num_blocks, kv_indices, full_kv_num_blocks=None, full_kv_indices=None,
        BLOCK_SIZE=_DEFAULT_SPARSE_BLOCK_SIZE, mask_mod=None, seq_lengths=None, compute_q_blocks=True,
    ):
        size = (BLOCK_SIZE, BLOCK_SIZE) if isinstance(BLOCK_SIZE, int) else BLOCK_SIZE
        if seq_lengths is None:
            seq_lengths = (kv_num_blocks.shape[-1] * size[0], kv_indices.shape[-1] * size[1])
        batch, heads = (*kv_num_blocks.shape[:-1], 1, 1)[:2]
        return cls(seq_lengths, mask_mod or noop_mask, size, batch, heads)


def create_block_mask(
    mask_mod, B, H, Q_LEN, KV_LEN, device="cuda", BLOCK_SIZE=_DEFAULT_SPARSE_BLOCK_SIZE, _compile=False
):
    return BlockMask((Q_LEN, KV_LEN), mask_mod, BLOCK_SIZE, 1 if B is None else B, 1 if H is None else H)


def create_nested_block_mask(mask_mod, B, H, q_nt, kv_nt=None, BLOCK_SIZE=_DEFAULT_SPARSE_BLOCK_SIZE, _compile=False):
    keys = q_nt if kv_nt is None else kv_nt
    return create_block_mask(mask_mod, B, H, q_nt.shape[-2], keys.shape[-2], BLOCK_SIZE=BLOCK_SIZE)


def and_masks(*mask_mods):
    def both(b, h, q, k):
        answer = mask_mods[0](b, h, q, k)
        for mask_mod in mask_mods[1:]:
            answer = answer & mask_mod(b, h, q, k)
        return answer

    return both if mask_mods else noop_mask


def or_masks(*mask_mods):
    def either(b, h, q, k):
        answer = mask_mods[0](b, h, q, k)
        for mask_mod in mask_mods[1:]:
            answer = answer | mask_mod(b, h, q, k)
        return answer

    return either if mask_mods else noop_mask


def flex_attention(
    query, key, value, score_mod=None, block_mask=None, scale=None, enable_gqa=False, return_lse=False,
    kernel_options=None, *, return_aux=None,
):
    for name, tensor in (("query", query), ("key", key), ("value", value)):
        if tensor.dim() != 4:
            raise ValueError(f"Expected query, key, and value to be 4D tensors, but {name} has {tensor.dim()}")
    if not enable_gqa and query.size(-3) != key.size(-3):
        raise ValueError(
            "Expect query and key/value to have the same number of heads but got "
            f"Hq={query.size(-3)} and Hkv={key.size(-3)}. Try setting enable_gqa=True for GQA."
        )
    output = F.scaled_dot_product_attention(query, key, value, scale=scale, enable_gqa=enable_gqa)
    if return_aux is not None:
        sums = query.new_empty(query.shape[:-1])
        return output, AuxOutput(sums if return_aux.lse else None, sums if return_aux.max_scores else None)
    return (output, query.new_empty(query.shape[:-1])) if return_lse else output
