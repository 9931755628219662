"""LFM2: short gated convolutions, and grouped attention with normalised heads at some layers."""
from torch import nn
from torch.nn import functional as F

from .parts.attention import RMSNorm
from .parts.config import Config
from .parts.decoder import Attention
from .parts.heads import ForCausalLM
from .parts.hybrid import AttendingLayer, HybridDecoder, MixedLayer
from .parts.scans import causal, causal_conv1d, masked
from .parts.states import conv_inputs


class Lfm2Config(Config):
    model_type = "lfm2"
    rope_theta = 1000000.0
    attribute_map = {"tie_embedding": "tie_word_embeddings", "block_ff_dim": "intermediate_size", "rms_norm_eps": "norm_eps"}
    defaults = dict(
        vocab_size=65536,
        hidden_size=2560,
        intermediate_size=12288,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
        max_position_embeddings=128000,
        norm_eps=1e-5,
        pad_token_id=0,
        conv_bias=False,
        conv_L_cache=3,
        block_multiple_of=256,
        block_ffn_dim_multiplier=1.0,
        block_auto_adjust_ff_dim=True,
        full_attn_idxs=None,
    )

    def complete(self, given):
        if self.layer_types is None:
            every = range(self.num_hidden_layers)
            attending = every if self.full_attn_idxs is None else self.full_attn_idxs
            self.layer_types = ["full_attention" if i in attending else "conv" for i in every]


def inner_width(config):
    """Two thirds of the config's width, rounded up, as the gate takes a third."""
    width = config.intermediate_size
    if config.block_auto_adjust_ff_dim:
        width = int(2 * width / 3)
        if config.block_ffn_dim_multiplier is not None:
            multiple = config.block_multiple_of
            width = multiple * ((int(config.block_ffn_dim_multiplier * width) + multiple - 1) // multiple)
    return width


class Lfm2MLP(nn.Module):
    def __init__(self, config, width):
        super().__init__()
        self.w1 = nn.Linear(config.hidden_size, width, bias=False)
        self.w3 = nn.Linear(config.hidden_size, width, bias=False)
        self.w2 = nn.Linear(width, config.hidden_size, bias=False)

    def forward(self, x):
        return self.w2(F.silu(self.w1(x)) * self.w3(x))


class Lfm2Attention(Attention):
    out_name = "out_proj"

    def __init__(self, config, layer):
        super().__init__(config, layer)
        self.q_layernorm = RMSNorm(self.head_dim, eps=config.norm_eps)
        self.k_layernorm = RMSNorm(self.head_dim, eps=config.norm_eps)

    def heads(self, x):
        shape = (*x.shape[:-1], -1, self.head_dim)
        query = self.q_layernorm(self.q_proj(x).view(shape)).transpose(1, 2)
        key = self.k_layernorm(self.k_proj(x).view(shape)).transpose(1, 2)
        return query, key, self.v_proj(x).view(shape).transpose(1, 2)


class Lfm2ShortConv(nn.Module):
    """A convolution over three tokens between two gates."""

    def __init__(self, config, layer):
        super().__init__()
        self.layer, self.kernel = layer, config.conv_L_cache
        size = config.hidden_size
        self.conv = causal_conv1d(size, self.kernel, config.conv_bias)
        self.in_proj = nn.Linear(size, 3 * size, bias=config.conv_bias)
        self.out_proj = nn.Linear(size, size, bias=config.conv_bias)

    def forward(self, x, padding=None, cache=None):
        length = x.shape[1]
        before, after, x = self.in_proj(masked(x, padding)).transpose(-1, -2).chunk(3, dim=-2)
        x = before * x
        if cache is not None and self.layer in cache.convolved and length == 1:
            x = causal(self.conv, x, None, cache.convolved[self.layer])
        else:
            if cache is not None:
                x = conv_inputs(cache, self.layer, x, self.kernel)
            x = causal(self.conv, x, None)
            if cache is not None:
                x = x[:, :, -length:]
        return self.out_proj((after * x).transpose(-1, -2).contiguous())


class Lfm2ConvLayer(MixedLayer):
    names = ("conv", "feed_forward", "operator_norm", "ffn_norm")

    def mixer(self, config, layer):
        return Lfm2ShortConv(config, layer)

    def inner(self, config, layer):
        return Lfm2MLP(config, inner_width(config))


class Lfm2AttentionLayer(AttendingLayer):
    names = ("self_attn", "feed_forward", "operator_norm", "ffn_norm")

    def mixer(self, config, layer):
        return Lfm2Attention(config, layer)

    def inner(self, config, layer):
        return Lfm2MLP(config, inner_width(config))


class Lfm2Model(HybridDecoder):
    layer_class, attending = Lfm2ConvLayer, Lfm2AttentionLayer
    norm_name = "embedding_norm"

    def attends(self, config, layer):
        return config.layer_types[layer] == "full_attention"


class Lfm2ForCausalLM(ForCausalLM):
    base = Lfm2Model
