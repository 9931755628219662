"""Zamba 2: Mamba 2 layers, some behind a transformer block whose weights they share, told apart by narrow adapters."""
import torch
from torch import nn

from .mamba2 import GroupedGatedRMSNorm, Mamba2Mixer
from .nemotron_h import OLDER
from .parts.activations import activation
from .parts.attention import RMSNorm, attend, split_heads
from .parts.block import Block
from .parts.cache import keep
from .parts.config import Config
from .parts.heads import ForCausalLM, SequenceHead
from .parts.hybrid import HybridDecoder
from .parts.masks import is_eager
from .parts.rotary import RotaryEmbedding, rotate


class Zamba2Config(Config):
    model_type = "zamba2"
    rope_theta = 10000.0
    attribute_map = {"layers_block_type": "layer_types", "head_dim": "attention_head_dim"}
    defaults = dict(
        vocab_size=32000,
        max_position_embeddings=4096,
        hidden_size=2560,
        num_hidden_layers=54,
        mamba_d_state=64,
        mamba_d_conv=4,
        mamba_expand=2,
        mamba_ngroups=1,
        time_step_min=0.001,
        n_mamba_heads=8,
        chunk_size=256,
        add_bias_linear=False,
        hidden_act="gelu",
        num_attention_heads=32,
        attention_dropout=0.0,
        num_mem_blocks=1,
        use_shared_attention_adapter=False,
        adapter_rank=128,
        use_mem_rope=False,
        rms_norm_eps=1e-5,
        pad_token_id=0,
    )

    def complete(self, given):
        self.intermediate_size = self.intermediate_size or 4 * self.hidden_size
        self.attention_hidden_size = 2 * self.hidden_size
        self.attention_head_dim = self.attention_hidden_size // self.num_attention_heads
        self.mamba_headdim = int(self.mamba_expand * self.hidden_size) // self.n_mamba_heads
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        kinds = self.layer_types
        if kinds is None:
            hybrids = [6, 12, 18, 24, 30, 36, 42, 47, 51]
            kinds = ["hybrid" if i in hybrids else "linear_attention" for i in range(54)]
        self.layer_types = [OLDER.get(kind, kind) for kind in kinds]
        self.num_hidden_layers = len(kinds)
        self.hybrid_layer_ids = [i for i, kind in enumerate(self.layer_types) if kind == "hybrid"]


class Zamba2Mixer(Mamba2Mixer):
    def sizes(self, config):
        return dict(
            act="silu",
            inner=int(config.mamba_expand * config.hidden_size),
            heads=config.n_mamba_heads,
            width=config.mamba_headdim,
            groups=config.mamba_ngroups,
            state=config.mamba_d_state,
            kernel=config.mamba_d_conv,
            chunk=config.chunk_size,
            limit=(config.time_step_min, float("inf")),
            bias=config.add_bias_linear,
            conv_bias=True,
        )

    def gated_norm(self, config):
        return GroupedGatedRMSNorm(self.inner, 1e-5, self.groups)


def adapters(config, block, size, out):
    """A narrow adapter for each use of a shared block; the places of other blocks are empty."""
    rank = config.adapter_rank
    made = []
    for i in range(len(config.hybrid_layer_ids)):
        own = i % config.num_mem_blocks == block
        made.append(nn.Sequential(nn.Linear(size, rank, bias=False), nn.Linear(rank, out, bias=False)) if own else nn.Identity())
    return nn.ModuleList(made)


class Zamba2Attention(nn.Module):
    """Attention over twice the width: the layer's input beside the embeddings."""

    def __init__(self, config, layer, block):
        super().__init__()
        self.config, self.layer = config, layer
        self.width, size = config.attention_head_dim, config.attention_hidden_size
        queries, keys = (n * self.width for n in (config.num_attention_heads, config.num_key_value_heads))
        self.q_proj = nn.Linear(size, queries, bias=False)
        self.k_proj = nn.Linear(size, keys, bias=False)
        self.v_proj = nn.Linear(size, keys, bias=False)
        self.o_proj = nn.Linear(queries, config.hidden_size, bias=False)
        if config.use_shared_attention_adapter:
            for name in "qkv":
                setattr(self, f"linear_{name}_adapter_list", adapters(config, block, size, size))

    def forward(self, x, positions, mask, cache=None):
        config = self.config
        parts = [getattr(self, f"{name}_proj")(x) for name in "qkv"]
        if config.use_shared_attention_adapter:
            place = config.hybrid_layer_ids.index(self.layer)
            for i, name in enumerate("qkv"):
                parts[i] = parts[i] + getattr(self, f"linear_{name}_adapter_list")[place](x)
        query, key, value = (split_heads(one, self.width) for one in parts)
        if config.use_mem_rope:
            query, key = rotate(query, key, positions)
        key, value = keep(key, value, cache, self.layer)
        dropout = config.attention_dropout if self.training else 0.0
        out, weights = attend(query, key, value, mask, True, (self.width / 2) ** -0.5, dropout, is_eager(config))
        return self.o_proj(out.reshape(*x.shape[:-1], -1))


class Zamba2MLP(nn.Module):
    def __init__(self, config, layer, block):
        super().__init__()
        self.place = config.hybrid_layer_ids.index(layer)
        size, width, bias = config.hidden_size, config.intermediate_size, config.add_bias_linear
        self.gate_up_proj = nn.Linear(size, 2 * width, bias=bias)
        self.down_proj = nn.Linear(width, size, bias=bias)
        self.act_fn = activation(config.hidden_act)
        self.gate_up_proj_adapter_list = adapters(config, block, size, 2 * width)

    def forward(self, x):
        both = self.gate_up_proj(x)
        both = both + self.gate_up_proj_adapter_list[self.place](x)
        gate, up = torch.chunk(both, 2, dim=-1)
        return self.down_proj(self.act_fn(gate) * up)


class Zamba2SharedTransformer(nn.Module):
    def __init__(self, config, layer, block):
        super().__init__()
        self.self_attn = Zamba2Attention(config, layer, block)
        self.feed_forward = Zamba2MLP(config, layer, block)
        self.input_layernorm = RMSNorm(config.attention_hidden_size, eps=config.rms_norm_eps)
        self.pre_ff_layernorm = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)

    def forward(self, x, first, positions, mask, cache):
        x = torch.concatenate([x, first], dim=-1)
        x = self.input_layernorm(x)
        x = self.self_attn(x, positions, mask, cache)
        x = self.pre_ff_layernorm(x)
        return self.feed_forward(x)

    def share(self, other):
        """Takes another block's weights for its own."""
        for mine, its in zip(self.modules(), other.modules()):
            for name, weight in list(its.named_parameters(recurse=False)):
                setattr(mine, name, weight)


class Zamba2MambaLayer(Block):
    positional = 4

    def __init__(self, config, layer):
        super().__init__()
        self.mamba = Zamba2Mixer(config, layer)
        self.input_layernorm = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)

    def forward(self, x, first=None, padding=None, mask=None, positions=None, cache=None, added=None):
        before = x
        x = x if added is None else x + added
        x = self.input_layernorm(x)
        x = self.mamba(x, padding, cache)
        return before + x


class Zamba2HybridLayer(Block):
    positional = 4

    def __init__(self, config, layer):
        super().__init__()
        self.linear = nn.Linear(config.hidden_size, config.hidden_size, bias=False)
        self.mamba_decoder = Zamba2MambaLayer(config, layer)
        block = config.hybrid_layer_ids.index(layer) % config.num_mem_blocks
        self.shared_transformer = Zamba2SharedTransformer(config, layer, block)

    def forward(self, x, first, padding=None, mask=None, positions=None, cache=None):
        added = self.shared_transformer(x, first, positions, mask, cache)
        added = self.linear(added)
        return self.mamba_decoder(x, padding=padding, cache=cache, added=added)


class Zamba2Model(HybridDecoder):
    layer_class, attending = Zamba2MambaLayer, Zamba2HybridLayer
    norm_name = "final_layernorm"

    def __init__(self, config):
        super().__init__(config)
        shared = [self.layers[i].shared_transformer for i in config.hybrid_layer_ids]
        for i, block in enumerate(shared[config.num_mem_blocks :]):
            block.share(shared[i % config.num_mem_blocks])

    def rotary(self, config):
        return RotaryEmbedding(config, width=config.attention_head_dim) if config.use_mem_rope else None

    def positions(self, x, position_ids):
        return super().positions(x, position_ids) if self.config.use_mem_rope else None

    def window(self, layer):
        return None

    def masks(self, x, padding, cache, positions):
        """What attention may look at and, for the state, the new tokens' padding: hybrid layers need both."""
        masks = super().masks(x, padding, cache, positions)
        return {None: (masks[self.STATE], masks[None])}

    def held(self, input_ids, x, given):
        return {"first": torch.clone(x)}

    def step(self, i, layer, x, positions, masks, cache, held):
        return layer(x, held["first"], *masks, positions, cache)


class Zamba2ForCausalLM(ForCausalLM):
    base = Zamba2Model


class Zamba2ForSequenceClassification(SequenceHead):
    base = Zamba2Model
