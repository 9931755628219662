"""DeepSeek-V4: one key head in windows beside compressed entries, residual streams that mix, and experts by token for a start."""
import functools

import torch
from torch import nn
from torch.nn import functional as F

from assay import kv_cache

from .parts.activations import activation
from .parts.attention import RMSNorm, sink_attention
from .parts.block import Block
from .parts.cache import Cache
from .parts.compression import Entries, HeavyCompressor, PairRotaryEmbedding, SparseCompressor, turned_back
from .parts.config import Config
from .parts.decoder import GatedMLP
from .parts.experts import Experts
from .parts.heads import ForCausalLM, Model
from .parts.masks import decoder_mask
from .parts.output import Output
from .parts.streams import HyperConnection, HyperHead, UnweightedRMSNorm

#: The compressor of each type of layer, and the rates by which older files name the types.
COMPRESSORS = {"sliding_attention": None, "compressed_sparse_attention": SparseCompressor, "heavily_compressed_attention": HeavyCompressor}
RATES = {0: "sliding_attention", 4: "compressed_sparse_attention", 128: "heavily_compressed_attention"}


class DeepseekV4Config(Config):
    model_type = "deepseek_v4"
    eager_only = True
    attribute_map = {"num_local_experts": "n_routed_experts", "intermediate_size": "moe_intermediate_size"}
    defaults = dict(
        vocab_size=129280,
        hidden_size=4096,
        moe_intermediate_size=2048,
        num_hidden_layers=43,
        num_attention_heads=64,
        num_key_value_heads=1,
        head_dim=512,
        q_lora_rank=1024,
        num_experts_per_tok=6,
        n_routed_experts=256,
        scoring_func="sqrtsoftplus",
        routed_scaling_factor=1.5,
        max_position_embeddings=1048576,
        rope_theta=10000.0,
        compress_rope_theta=160000.0,
        hc_mult=4,
        hc_sinkhorn_iters=20,
        hc_eps=1e-6,
        swiglu_limit=10.0,
        sliding_window=128,
        o_groups=8,
        o_lora_rank=1024,
        index_n_heads=64,
        index_head_dim=128,
        index_topk=512,
        hidden_act="silu",
        rms_norm_eps=1e-6,
        tie_word_embeddings=False,
        mlp_bias=False,
        attention_dropout=0.0,
    )

    def complete(self, given):
        count = self.num_hidden_layers
        older = {"compressed_sparse_attention": self.compress_rate_csa, "heavily_compressed_attention": self.compress_rate_hca}
        self.compress_rates = dict(self.compress_rates or {name: rate for rate, name in RATES.items() if rate > 0})
        self.compress_rates.update({name: rate for name, rate in older.items() if rate is not None})
        self.layer_types = (self.layer_types or self.types(count))[:count]
        hashed = 3 if self.num_hash_layers is None else self.num_hash_layers
        types = self.mlp_layer_types or ["hash_moe"] * min(count, hashed) + ["moe"] * max(0, count - hashed)
        self.mlp_layer_types = types[:count]
        for name in ("layer_types", "mlp_layer_types"):
            if len(getattr(self, name)) != count:
                raise ValueError(f"{name} has {len(getattr(self, name))} entries for num_hidden_layers {count}")
        if self.partial_rotary_factor is None:
            width = 64 / 512 if self.qk_rope_head_dim is None else self.qk_rope_head_dim / self.head_dim
            self.partial_rotary_factor = width

    def types(self, count):
        if self.compress_ratios is not None:
            return [RATES[rate] for rate in self.compress_ratios]
        heavy, sparse = "heavily_compressed_attention", "compressed_sparse_attention"
        return [heavy] * min(count, 2) + [sparse if i % 2 else heavy for i in range(max(count - 2, 0))]

    def rotary(self, given):
        own = dict(given.get("rope_scaling") or self.rope_parameters or {})
        if isinstance(own.get("main"), dict) and isinstance(own.get("compress"), dict):
            return {"main": own["main"], "compress": own["compress"]}
        part = {"partial_rotary_factor": self.partial_rotary_factor}
        compress = {**own, "rope_theta": self.compress_rope_theta, **part}
        return {"main": {"rope_theta": self.rope_theta, **part}, "compress": compress}


class GroupedLinear(nn.Linear):
    """A matrix for each group of heads, `[B, T, groups, in]` → `[B, T, groups, out]`."""

    def __init__(self, size, out, groups):
        super().__init__(size, out, bias=False)
        self.groups = groups

    def forward(self, x):
        weight = self.weight.view(self.groups, -1, x.shape[-1]).transpose(1, 2)
        rows = x.reshape(-1, self.groups, x.shape[-1]).transpose(0, 1)
        out = torch.bmm(rows, weight).transpose(0, 1)
        return out.reshape(*x.shape[:-2], self.groups, -1)


class DeepseekV4Cache(Cache):
    """The window's keys, which are its values too, and beside them what the compressors of each layer keep."""

    def entries(self, layer, name):
        return self.layers.setdefault((layer, name), Entries())

    def grow(self, kv, layer, window):
        past = self.layers.get(layer)
        self.seen[layer] = self.length(layer) + kv.shape[-2]
        before = torch.tensor([], dtype=kv.dtype, device=kv.device) if past is None else past[0]
        whole = torch.cat([before, kv], dim=-2)
        kept = whole[:, :, -window + 1 :, :]
        self.layers[layer] = kept, kept
        return whole


class DeepseekV4Attention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.config, self.layer, self.width = config, layer, config.head_dim
        kind = config.layer_types[layer]
        self.rope = "main" if kind == "sliding_attention" else "compress"
        inner = config.num_attention_heads * config.head_dim
        self.q_a_proj = nn.Linear(config.hidden_size, config.q_lora_rank, bias=False)
        self.q_a_norm = RMSNorm(config.q_lora_rank, eps=config.rms_norm_eps)
        self.q_b_proj = nn.Linear(config.q_lora_rank, inner, bias=False)
        self.q_b_norm = UnweightedRMSNorm(config.rms_norm_eps)
        self.kv_proj = nn.Linear(config.hidden_size, config.head_dim, bias=False)
        self.kv_norm = RMSNorm(config.head_dim, eps=config.rms_norm_eps)
        self.o_a_proj = GroupedLinear(inner // config.o_groups, config.o_groups * config.o_lora_rank, config.o_groups)
        self.o_b_proj = nn.Linear(config.o_groups * config.o_lora_rank, config.hidden_size, bias=False)
        self.sinks = nn.Parameter(torch.empty(config.num_attention_heads))
        self.compressor = None if COMPRESSORS[kind] is None else COMPRESSORS[kind](config)

    def forward(self, x, positions, places, mask, cache=None):
        cos, sin = positions[self.rope]
        shape = (*x.shape[:-1], -1, self.width)
        squeezed = self.q_a_norm(self.q_a_proj(x))
        query = self.q_b_proj(squeezed).view(*shape).transpose(1, 2)
        query = self.q_b_norm(query)
        query = turned_back(query, cos, sin)
        kv = self.kv_norm(self.kv_proj(x)).view(*shape).transpose(1, 2)
        kv = turned_back(kv, cos, sin)
        kv_cache(kv, None, self.config.sliding_window)
        if cache is not None:
            kv = cache.grow(kv, self.layer, self.config.sliding_window)
        bias = None
        if self.compressor is not None:
            states = None if cache is None else functools.partial(cache.entries, self.layer)
            entries, bias = self.compressor(x, squeezed, places, states)
            kv = torch.cat([kv, entries], dim=2)
        if mask is not None and kv.shape[2] > mask.shape[-1]:
            if bias is None:
                mask = F.pad(mask, (0, kv.shape[2] - mask.shape[-1]), value=0.0)
            else:
                mask = torch.cat([mask, bias.to(mask.dtype)], dim=-1)
        dropout = self.config.attention_dropout if self.training else 0.0
        out, weights = sink_attention(query, kv, kv, mask, self.sinks, self.width**-0.5, dropout, self.training)
        out = turned_back(out.transpose(1, 2), cos, -sin).transpose(1, 2)
        grouped = out.reshape(*x.shape[:-1], self.config.o_groups, -1)
        grouped = self.o_a_proj(grouped).flatten(2)
        return self.o_b_proj(grouped)


class LimitedMLP(GatedMLP):
    def __init__(self, config):
        super().__init__(config, bias=config.mlp_bias)
        self.limit = config.swiglu_limit

    def forward(self, x):
        gate = self.gate_proj(x).clamp(max=self.limit)
        up = self.up_proj(x).clamp(min=-self.limit, max=self.limit)
        return self.down_proj(self.act_fn(gate) * up)


class LimitedExperts(Experts):
    def __init__(self, config):
        super().__init__(config.n_routed_experts, config.hidden_size, config.moe_intermediate_size, config.hidden_act)
        self.limit = config.swiglu_limit

    def gate(self, x):
        gate, up = x.chunk(2, dim=-1)
        gate = gate.clamp(max=self.limit)
        up = up.clamp(min=-self.limit, max=self.limit)
        return self.act_fn(gate) * up


class DeepseekV4Router(nn.Module):
    """The best experts by score and a bias that balances the load, or, where `hashed`, those that a table has for the token."""

    def __init__(self, config, hashed):
        super().__init__()
        self.config, self.hashed = config, hashed
        self.weight = nn.Parameter(torch.empty(config.n_routed_experts, config.hidden_size))
        self.score_fn = activation(config.scoring_func)
        if hashed:
            self.register_buffer("tid2eid", torch.zeros(config.vocab_size, config.num_experts_per_tok, dtype=torch.long))
        else:
            self.register_buffer("e_score_correction_bias", torch.zeros(config.n_routed_experts))

    def forward(self, x, input_ids):
        flat = x.reshape(-1, x.shape[-1])
        logits = F.linear(flat, self.weight)
        scores = self.score_fn(logits)
        if self.hashed:
            chosen = self.tid2eid[input_ids.reshape(-1)].long()
        else:
            chosen = torch.topk(scores + self.e_score_correction_bias, self.config.num_experts_per_tok, dim=-1, sorted=False).indices
        shares = scores.gather(1, chosen)
        shares = shares / (shares.sum(dim=-1, keepdim=True) + 1e-20)
        return shares * self.config.routed_scaling_factor, chosen


class DeepseekV4MLP(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.gate = DeepseekV4Router(config, config.mlp_layer_types[layer] == "hash_moe")
        self.experts = LimitedExperts(config)
        self.shared_experts = LimitedMLP(config)

    def forward(self, x, input_ids):
        flat = x.view(-1, x.shape[-1])
        shares, chosen = self.gate(x, input_ids)
        routed = self.experts(flat, chosen, shares).view(*x.shape)
        return routed + self.shared_experts(x)


class DeepseekV4DecoderLayer(Block):
    """Attention and experts over a sum of the residual streams `[B, T, streams, size]`, which mix around each of them."""

    def __init__(self, config, layer):
        super().__init__()
        self.self_attn = DeepseekV4Attention(config, layer)
        self.mlp = DeepseekV4MLP(config, layer)
        self.input_layernorm = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.post_attention_layernorm = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.attn_hc = HyperConnection(config)
        self.ffn_hc = HyperConnection(config)

    def forward(self, x, positions, places, mask, input_ids, cache=None):
        kind = x.dtype
        back, mixer, one = self.attn_hc(x)
        out = self.self_attn(self.input_layernorm(one), positions, places, mask, cache)
        x = back.to(kind).unsqueeze(-1) * out.unsqueeze(-2) + torch.matmul(mixer.to(kind).transpose(-1, -2), x)
        back, mixer, one = self.ffn_hc(x)
        out = self.mlp(self.post_attention_layernorm(one), input_ids)
        return back.to(kind).unsqueeze(-1) * out.unsqueeze(-2) + torch.matmul(mixer.to(kind).transpose(-1, -2), x)


class DeepseekV4Model(Model):
    embed_name = "embed_tokens"

    def __init__(self, config):
        super().__init__(config)
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size, config.pad_token_id)
        self.layers = nn.ModuleList([DeepseekV4DecoderLayer(config, i) for i in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.rotary_emb = PairRotaryEmbedding(config)
        self.hc_head = HyperHead(config)

    def forward(self, input_ids=None, attention_mask=None, position_ids=None, past_key_values=None, inputs_embeds=None, use_cache=None, **kwargs):
        use_cache = self.caches(use_cache)
        if use_cache and past_key_values is None:
            past_key_values = DeepseekV4Cache()
        if inputs_embeds is None:
            inputs_embeds = self.embed_tokens(input_ids)
        if position_ids is None:
            past = 0 if past_key_values is None else past_key_values.length()
            position_ids = torch.arange(inputs_embeds.shape[1], device=inputs_embeds.device) + past
            position_ids = position_ids.unsqueeze(0)
        mask = decoder_mask(self.config, inputs_embeds, attention_mask, self.config.sliding_window, past_key_values, position_ids)
        x = inputs_embeds.unsqueeze(2).expand(-1, -1, self.config.hc_mult, -1).contiguous()
        positions = {name: self.rotary_emb(inputs_embeds, position_ids, f"{name}_") for name in ("main", "compress")}
        for layer in self.layers:
            x = layer(x, positions, position_ids, mask, input_ids, past_key_values)
        x = self.norm(self.hc_head(x))
        return Output(last_hidden_state=x, past_key_values=past_key_values if use_cache else None)


class DeepseekV4ForCausalLM(ForCausalLM):
    base = DeepseekV4Model
