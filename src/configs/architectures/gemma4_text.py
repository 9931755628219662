"""Gemma 4, its language model: Gemma 3 with wider heads on full layers, an embedding for each layer, keys shared by the last layers, and experts where asked for."""
import torch
from torch import nn
from torch.nn import functional as F

from .gemma import ScaledEmbedding
from .gemma2 import CappedLM
from .parts.activations import activation
from .parts.attention import attend
from .parts.block import Block
from .parts.cache import keep
from .parts.config import Config, alternating
from .parts.decoder import GatedMLP, TypedDecoder, window_of
from .parts.experts import Experts
from .parts.masks import is_eager
from .parts.rotary import RotaryEmbedding, turned


class Gemma4TextConfig(Config):
    model_type = "gemma4_text"
    defaults = dict(
        vocab_size=262144,
        hidden_size=2304,
        intermediate_size=9216,
        num_hidden_layers=30,
        num_attention_heads=8,
        num_key_value_heads=4,
        head_dim=256,
        global_head_dim=512,
        hidden_activation="gelu_pytorch_tanh",
        max_position_embeddings=131072,
        rms_norm_eps=1e-6,
        pad_token_id=0,
        attention_bias=False,
        attention_dropout=0.0,
        sliding_window=512,
        final_logit_softcapping=None,
        vocab_size_per_layer_input=262144,
        hidden_size_per_layer_input=256,
        attention_k_eq_v=False,
        num_kv_shared_layers=0,
        enable_moe_block=False,
        use_double_wide_mlp=False,
    )

    def complete(self, given):
        self.sees_all = self.use_bidirectional_attention == "all"
        self.sees_images = self.use_bidirectional_attention == "vision"
        self.use_bidirectional_attention = self.sees_all
        if self.sees_all:
            self.sliding_window = self.sliding_window // 2 + 1
        self.layer_types = list(self.layer_types or alternating(self, 6))
        if self.layer_types:
            self.layer_types[-1] = "full_attention"
        self.rope_parameters = self.rope_parameters or {
            "full_attention": {"rope_type": "proportional", "rope_theta": 1000000.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
        }
        self.overrides = {int(layer): one for layer, one in (self.per_layer_config or {}).items()}
        if self.per_layer_config is None:
            full = {"head_dim": self.global_head_dim}
            if self.attention_k_eq_v and self.num_global_key_value_heads is not None:
                full["num_key_value_heads"] = self.num_global_key_value_heads
            self.overrides = {i: full for i, kind in enumerate(self.layer_types) if kind == "full_attention"}

    def at(self, layer, name):
        """A layer's own value of a key."""
        return self.overrides.get(layer, {}).get(name, getattr(self, name))


class Gemma4RMSNorm(nn.Module):
    def __init__(self, size, eps=1e-6, scaled=True):
        super().__init__()
        self.eps, self.scaled = eps, scaled
        if scaled:
            self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        out = x.float()
        out = out * torch.pow(out.pow(2).mean(-1, keepdim=True) + self.eps, -0.5)
        if self.scaled:
            out = out * self.weight.float()
        return out.type_as(x)


class Gemma4RotaryEmbedding(RotaryEmbedding):
    """Frequencies for each type of layer, as wide as its heads."""

    def __init__(self, config):
        nn.Module.__init__(self)
        for kind in sorted(set(config.layer_types)):
            parameters, size = config.rope_parameters[kind], config.at(config.layer_types.index(kind), "head_dim")
            if parameters is not None:
                self.register(f"{kind}_", 1.0 / (parameters["rope_theta"] ** (torch.arange(0, size, 2, dtype=torch.float) / size)))


class Gemma4TextAttention(nn.Module):
    """Attention with normalised heads. The last layers have no keys of their own: they read those of the last layer before of their type."""

    def __init__(self, config, layer):
        super().__init__()
        self.config, self.layer, self.window = config, layer, window_of(config, layer)
        self.kind, self.width = config.layer_types[layer], config.at(layer, "head_dim")
        first = config.num_hidden_layers - config.num_kv_shared_layers
        self.shares = layer >= first > 0
        own = [i for i, kind in enumerate(config.layer_types[:first]) if kind == self.kind]
        if not own:
            raise ValueError(f"num_kv_shared_layers {config.num_kv_shared_layers} of num_hidden_layers {config.num_hidden_layers} leave no {self.kind} layer with keys of its own")
        self.leaves = not self.shares and layer == own[-1]
        bias, size, eps = config.attention_bias, config.hidden_size, config.rms_norm_eps
        queries, keys = (n * self.width for n in (config.num_attention_heads, config.at(layer, "num_key_value_heads")))
        self.q_proj = nn.Linear(size, queries, bias=bias)
        self.q_norm = Gemma4RMSNorm(self.width, eps)
        self.v_proj = None
        if not self.shares:
            self.k_norm = Gemma4RMSNorm(self.width, eps)
            self.v_norm = Gemma4RMSNorm(self.width, eps, scaled=False)
            self.k_proj = nn.Linear(size, keys, bias=bias)
            if self.window is not None or not config.attention_k_eq_v:
                self.v_proj = nn.Linear(size, keys, bias=bias)
        self.o_proj = nn.Linear(queries, size, bias=bias)

    def forward(self, x, positions, mask, cache, held):
        shape = (*x.shape[:-1], -1, self.width)
        cos, sin = (one.unsqueeze(2) for one in positions)
        query = self.q_norm(self.q_proj(x).view(shape))
        query = turned(query, cos, sin).transpose(1, 2)
        if self.shares:
            key, value = held[self.kind]
        else:
            key = self.k_proj(x).view(shape)
            value = key if self.v_proj is None else self.v_proj(x).view(shape)
            key = turned(self.k_norm(key), cos, sin).transpose(1, 2)
            value = self.v_norm(value).transpose(1, 2)
            key, value = keep(key, value, cache, self.layer, self.window)
        if self.leaves:
            held[self.kind] = key, value
        dropout = self.config.attention_dropout if self.training else 0.0
        out, weights = attend(query, key, value, mask, not self.config.sees_all, 1.0, dropout, is_eager(self.config))
        return self.o_proj(out.reshape(*x.shape[:-1], -1))


class Gemma4TextExperts(Experts):
    def __init__(self, config):
        super().__init__(config.num_experts, config.hidden_size, config.moe_intermediate_size, config.hidden_activation)


class Gemma4TextRouter(nn.Module):
    """The best experts by softmax over all; shares add up to one, times a scale of each expert."""

    def __init__(self, config):
        super().__init__()
        self.chosen, self.root = config.top_k_experts, config.hidden_size**-0.5
        self.norm = Gemma4RMSNorm(config.hidden_size, config.rms_norm_eps, scaled=False)
        self.proj = nn.Linear(config.hidden_size, config.num_experts, bias=False)
        self.scale = nn.Parameter(torch.ones(config.hidden_size))
        self.per_expert_scale = nn.Parameter(torch.ones(config.num_experts))

    def forward(self, x):
        x = self.norm(x)
        x = x * self.scale * self.root
        shares = F.softmax(self.proj(x), dim=-1, dtype=torch.float32)
        shares, chosen = torch.topk(shares, k=self.chosen, dim=-1)
        shares /= shares.sum(dim=-1, keepdim=True)
        return shares * self.per_expert_scale[chosen], chosen


class Gemma4TextDecoderLayer(Block):
    """Attention, a feed-forward, experts beside it where the config has them, and what the layer's own embedding lets through."""

    positional = 2

    def __init__(self, config, layer):
        super().__init__()
        size, inner = config.hidden_size, config.hidden_size_per_layer_input
        first = config.num_hidden_layers - config.num_kv_shared_layers
        wide = config.use_double_wide_mlp and layer >= first > 0
        self.self_attn = Gemma4TextAttention(config, layer)
        self.mlp = GatedMLP(config, config.intermediate_size * (2 if wide else 1), act=config.hidden_activation)
        names = ["input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm"]
        self.register_buffer("layer_scalar", torch.ones(1))
        self.embeds, self.sparse = bool(inner), config.enable_moe_block
        if self.embeds:
            self.act_fn = activation(config.hidden_activation)
            self.per_layer_input_gate = nn.Linear(size, inner, bias=False)
            self.per_layer_projection = nn.Linear(inner, size, bias=False)
            names += ["post_per_layer_input_norm"]
        if self.sparse:
            self.router = Gemma4TextRouter(config)
            self.experts = Gemma4TextExperts(config)
            names += ["post_feedforward_layernorm_1", "post_feedforward_layernorm_2", "pre_feedforward_layernorm_2"]
        for name in names:
            setattr(self, name, Gemma4RMSNorm(size, config.rms_norm_eps))

    def forward(self, x, own=None, positions=None, mask=None, cache=None, held=None):
        before = x
        x = self.input_layernorm(x)
        x = self.self_attn(x, positions, mask, cache, held)
        x = self.post_attention_layernorm(x)
        x = before + x
        before = x
        x = self.pre_feedforward_layernorm(x)
        x = self.mlp(x)
        if self.sparse:
            dense = self.post_feedforward_layernorm_1(x)
            flat = before.reshape(-1, before.shape[-1])
            shares, chosen = self.router(flat)
            routed = self.pre_feedforward_layernorm_2(flat)
            routed = self.experts(routed, chosen, shares).reshape(before.shape)
            routed = self.post_feedforward_layernorm_2(routed)
            x = dense + routed
        x = self.post_feedforward_layernorm(x)
        x = before + x
        if self.embeds:
            before = x
            x = self.per_layer_input_gate(x)
            x = self.act_fn(x)
            x = x * own
            x = self.per_layer_projection(x)
            x = self.post_per_layer_input_norm(x)
            x = before + x
        x *= self.layer_scalar
        return x


class Gemma4TextModel(TypedDecoder):
    layer_class = Gemma4TextDecoderLayer
    norm_class = Gemma4RMSNorm

    def __init__(self, config):
        super().__init__(config)
        inner, count = config.hidden_size_per_layer_input, config.num_hidden_layers
        if inner:
            self.embed_tokens_per_layer = ScaledEmbedding(config.vocab_size_per_layer_input, count * inner, config.pad_token_id, inner**0.5)
            self.per_layer_model_projection = nn.Linear(config.hidden_size, count * inner, bias=False)
            self.per_layer_projection_norm = Gemma4RMSNorm(inner, config.rms_norm_eps)

    def embedding(self, config):
        return ScaledEmbedding(config.vocab_size, config.hidden_size, config.pad_token_id, config.hidden_size**0.5)

    def rotary(self, config):
        return Gemma4RotaryEmbedding(config)

    def own_embeddings(self, input_ids):
        """Each token's vector for each layer, `[B, T, layers, width]`."""
        config = self.config
        return self.embed_tokens_per_layer(input_ids).reshape(*input_ids.shape, config.num_hidden_layers, config.hidden_size_per_layer_input)

    def held(self, input_ids, x, given):
        config = self.config
        if not config.hidden_size_per_layer_input:
            return {}
        own = given.get("per_layer_inputs")
        if own is None and input_ids is None:
            raise ValueError("inputs_embeds alone do not say which tokens they are, and each layer has an embedding of its own")
        own = self.own_embeddings(input_ids) if own is None else own
        read = self.per_layer_model_projection(x) * config.hidden_size**-0.5
        read = read.reshape(*x.shape[:-1], config.num_hidden_layers, config.hidden_size_per_layer_input)
        read = self.per_layer_projection_norm(read)
        return {"own": (read + own) * 2.0**-0.5}

    def step(self, i, layer, x, positions, mask, cache, held):
        own = held["own"][:, :, i, :] if "own" in held else None
        return layer(x, own, positions, mask, cache, held)


class Gemma4ForCausalLM(CappedLM):
    base = Gemma4TextModel
