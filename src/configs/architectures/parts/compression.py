"""DeepSeek-V4's compressed keys: each window of tokens becomes one entry, and an indexer picks entries for each query."""
import torch
from torch import nn
from torch.nn import functional as F

from assay import kv_cache, kv_state

from .attention import RMSNorm
from .rotary import RotaryEmbedding


class PairRotaryEmbedding(RotaryEmbedding):
    """An angle for each pair of neighbours, for plain and for compressed layers; `rope_parameters` has both."""

    doubled = False

    def __init__(self, config):
        nn.Module.__init__(self)
        for name, parameters in config.rope_parameters.items():
            size = int(config.head_dim * (parameters.get("partial_rotary_factor") or 1.0))
            self.register(f"{name}_", 1.0 / (parameters["rope_theta"] ** (torch.arange(0, size, 2, dtype=torch.float) / size)))


def turned_back(x, cos, sin, axis=1):
    """`x` whose last features are turned in pairs of neighbours, in float32; those before them pass through."""
    cos, sin = (one.repeat_interleave(2, dim=-1).unsqueeze(axis) for one in (cos, sin))
    width = cos.shape[-1]
    plain, inner = x[..., :-width], x[..., -width:]
    crossed = torch.stack((-inner[..., 1::2], inner[..., ::2]), dim=-1).flatten(-2)
    inner = ((inner.float() * cos) + (crossed.float() * sin)).to(x.dtype)
    return torch.cat([plain, inner], dim=-1)


class Entries:
    """What a compressor keeps between calls: tokens of a window that is not full, the entries, the last window's first half."""

    def __init__(self):
        self.waiting = self.compressed = self.overlap = None
        self.count = 0

    @property
    def layers(self):
        """All of it, in pairs as a cache has keys and values."""
        entries = None if self.compressed is None else (self.compressed, self.compressed)
        return [pair for pair in (self.waiting, entries, self.overlap) if pair is not None]

    def whole(self, kv, gate, rate):
        """The tokens of windows that are full now, and where the first of them stands."""
        first = self.count * rate
        if self.waiting is not None and self.waiting[0].shape[1]:
            kv, gate = torch.cat([self.waiting[0], kv], dim=1), torch.cat([self.waiting[1], gate], dim=1)
        usable = kv.shape[1] // rate * rate
        self.waiting = kv[:, usable:], gate[:, usable:]
        return kv[:, :usable], gate[:, :usable], first

    def add(self, compressed):
        """All entries up to now."""
        if self.compressed is None:
            self.compressed = compressed
        elif compressed.shape[1] > 0:
            self.compressed = torch.cat([self.compressed, compressed], dim=1)
        self.count += compressed.shape[1]
        return self.compressed

    def overlapped(self, kv, gate, width):
        """The half that the window before left, and this call's for the next one."""
        before = self.overlap
        self.overlap = kv[:, -1, :, :width].clone(), gate[:, -1, :, :width].clone()
        return before


class Compressor(nn.Module):
    """Entries `[B, n, width]` of `rate` tokens each, weighed by a softmax over the window.

    `overlaps`: each token has a part in its own window's entry and another in the next one's.
    """

    overlaps = False
    #: What it is to a layer's cache, and the kind of what it keeps there.
    name, kind = "compressor", "keys"

    def __init__(self, config, rate, width):
        super().__init__()
        self.rate, self.width = rate, width
        wide = 2 * width if self.overlaps else width
        self.kv_proj = nn.Linear(config.hidden_size, wide, bias=False)
        self.gate_proj = nn.Linear(config.hidden_size, wide, bias=False)
        self.position_bias = nn.Parameter(torch.empty(rate, wide))
        self.kv_norm = RMSNorm(width, eps=config.rms_norm_eps)
        self.rotary_emb = PairRotaryEmbedding(config)

    def entries(self, x, states):
        kept = None if states is None else states(self.name)
        kv, gate = self.kv_proj(x), self.gate_proj(x)
        if kept is None:
            usable = kv.shape[1] // self.rate * self.rate
            whole, whole_gate, first = kv[:, :usable], gate[:, :usable], 0
        else:
            whole, whole_gate, first = kept.whole(kv, gate, self.rate)
        if whole.shape[1] > 0:
            compressed = self.compress(whole, whole_gate, first, kept)
        else:
            compressed = whole.new_zeros((x.shape[0], 0, self.width))
        found = compressed if kept is None else kept.add(compressed)
        self.noted(found, kept)
        return found

    def noted(self, found, kept):
        """Says what is cached: the entries, of which each token has its share, and tokens that wait for their window's end."""
        for one in () if kept is None else kept.waiting:
            kv_state(one)
        if self.width % self.rate > 0:
            kv_state(found)
            return
        shares = found.view(found.shape[0], found.shape[1] * self.rate, self.width // self.rate)
        kv_cache(shares if self.kind == "index" else shares.unsqueeze(1), None, None, self.kind)

    def compress(self, kv, gate, first, kept):
        batch, count = kv.shape[0], kv.shape[1] // self.rate
        kv = kv.view(batch, count, self.rate, -1)
        gate = gate.view(batch, count, self.rate, -1) + self.position_bias
        both, both_gates = self.spread(kv, gate, kept) if self.overlaps else (kv, gate)
        compressed = self.kv_norm((both * both_gates.softmax(dim=2, dtype=torch.float32).to(both.dtype)).sum(dim=2))
        places = torch.arange(count, device=compressed.device)
        places = places * self.rate + first
        cos, sin = self.rotary_emb(compressed, places.unsqueeze(0).expand(batch, -1), "compress_")
        return turned_back(compressed.unsqueeze(1), cos, sin).squeeze(1)

    def spread(self, kv, gate, kept):
        """Each window behind the half of the one before it; the first has none to begin with."""
        rate, width = self.rate, self.width
        both = kv.new_zeros((*kv.shape[:2], 2 * rate, width))
        both_gates = gate.new_full((*kv.shape[:2], 2 * rate, width), float("-inf"))
        both[:, :, rate:] = kv[..., width:]
        both_gates[:, :, rate:] = gate[..., width:]
        if kv.shape[1] > 1:
            both[:, 1:, :rate] = kv[:, :-1, :, :width]
            both_gates[:, 1:, :rate] = gate[:, :-1, :, :width]
        before = None if kept is None else kept.overlapped(kv, gate, width)
        if before is not None:
            both[:, 0, :rate] = before[0].to(both.dtype)
            both_gates[:, 0, :rate] = before[1].to(both_gates.dtype)
        return both, both_gates


class HeavyCompressor(Compressor):
    """Entries of many tokens; a query sees all that end before it. Gives them and what is added to their scores."""

    def __init__(self, config):
        super().__init__(config, config.compress_rates["heavily_compressed_attention"], config.head_dim)

    def forward(self, x, squeezed, places, states):
        found = self.entries(x, states).unsqueeze(1)
        count, length = found.shape[2], places.shape[1]
        if length == 1 or count == 0:
            return found, None
        numbers = torch.arange(count, device=found.device)
        ready = (places + 1) // self.rate
        bias = found.new_zeros((x.shape[0], 1, length, count))
        bias = bias.masked_fill(numbers.view(1, 1, 1, -1) >= ready.unsqueeze(1).unsqueeze(-1), float("-inf"))
        return found, bias


class IndexScorer(nn.Module):
    """How well each entry fits each query, `[B, T, entries]`."""

    def __init__(self, config):
        super().__init__()
        self.scale, self.share = config.index_head_dim**-0.5, config.index_n_heads**-0.5
        self.weights_proj = nn.Linear(config.hidden_size, config.index_n_heads, bias=False)

    def forward(self, query, keys, x):
        scores = torch.matmul(query.float(), keys.transpose(-1, -2).float().unsqueeze(1))
        scores = F.relu(scores) * self.scale
        shares = self.weights_proj(x).float() * self.share
        return (scores * shares.unsqueeze(-1)).sum(dim=2)


class EntryIndexer(Compressor):
    """Compresses for itself, and picks the best entries of each query; -1 where one is not ready yet."""

    overlaps = True
    name, kind = "indexer", "index"

    def __init__(self, config):
        super().__init__(config, config.compress_rates["compressed_sparse_attention"], config.index_head_dim)
        self.most = config.index_topk
        self.q_b_proj = nn.Linear(config.q_lora_rank, config.index_n_heads * self.width, bias=False)
        self.scorer = IndexScorer(config)

    def forward(self, x, squeezed, places, states):
        keys = self.entries(x, states)
        cos, sin = self.rotary_emb(x, places, "compress_")
        query = self.q_b_proj(squeezed).view(*x.shape[:2], -1, self.width).transpose(1, 2)
        query = turned_back(query, cos, sin).transpose(1, 2)
        scores = self.scorer(query, keys, x)
        count = keys.shape[1]
        most = min(self.most, count)
        if count == 0:
            return scores.topk(most, dim=-1).indices
        ready = (places + 1) // self.rate
        numbers = torch.arange(count, device=scores.device)
        scores = scores.masked_fill(numbers.view(1, 1, -1) >= ready.unsqueeze(-1), float("-inf"))
        picked = scores.topk(most, dim=-1).indices
        return torch.where(picked >= ready.unsqueeze(-1), torch.full_like(picked, -1), picked)


class SparseCompressor(Compressor):
    """Entries of few tokens, of which an indexer picks some for each query."""

    overlaps = True

    def __init__(self, config):
        super().__init__(config, config.compress_rates["compressed_sparse_attention"], config.head_dim)
        self.indexer = EntryIndexer(config)

    def forward(self, x, squeezed, places, states):
        found = self.entries(x, states).unsqueeze(1)
        picked = self.indexer(x, squeezed, places, states)
        count = found.shape[2]
        picked = torch.where(picked >= 0, picked, torch.full_like(picked, count))
        bias = found.new_full((x.shape[0], 1, x.shape[1], count + 1), float("-inf"))
        bias.scatter_(-1, picked.unsqueeze(1), 0.0)
        return found, bias[..., :count]
