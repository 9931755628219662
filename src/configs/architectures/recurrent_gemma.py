"""RecurrentGemma (Griffin): two gated linear recurrences to one windowed attention, each with a gated feed-forward."""
import torch
from torch import nn
from torch.nn import functional as F

from assay import kv_state

from .gemma import GemmaRMSNorm
from .parts.activations import activation
from .parts.block import Block
from .parts.config import Config
from .parts.decoder import Attention, Decoder, GatedMLP
from .parts.heads import ForCausalLM
from .parts.rotary import RotaryEmbedding, rotate


class RecurrentGemmaConfig(Config):
    model_type = "recurrent_gemma"
    rope_theta = 10000.0
    attribute_map = {"sliding_window": "attention_window_size"}
    defaults = dict(
        num_hidden_layers=26,
        vocab_size=256000,
        hidden_size=2560,
        intermediate_size=7680,
        num_attention_heads=10,
        attention_window_size=2048,
        conv1d_width=4,
        logits_soft_cap=30.0,
        rms_norm_eps=1e-6,
        pad_token_id=0,
        hidden_activation="gelu_pytorch_tanh",
        block_types=("recurrent", "recurrent", "attention"),
        attention_dropout=0.0,
        attention_bias=False,
        partial_rotary_factor=0.5,
    )

    def complete(self, given):
        self.lru_width = self.lru_width or self.hidden_size
        self.head_dim = self.hidden_size // self.num_attention_heads
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        if self.num_key_value_heads > self.num_attention_heads:
            raise ValueError(f"num_key_value_heads {self.num_key_value_heads} is more than num_attention_heads {self.num_attention_heads}")
        self.kinds = [self.block_types[i % len(self.block_types)] for i in range(self.num_hidden_layers)]


class RecurrentGemmaAttention(Attention):
    def __init__(self, config, layer):
        super().__init__(config, layer, bias=config.attention_bias, out_bias=True, window=config.sliding_window)
        self.rotary_emb = RotaryEmbedding(config, partial=True)

    def turn(self, query, key, positions):
        return rotate(query, key, self.rotary_emb(key, positions))


class BoundedRoot(torch.autograd.Function):
    """A square root whose gradient is bounded by 1000."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.sqrt(x)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient / torch.sqrt(torch.clip(4.0 * x, min=1 / 1000.0**2))


class RecurrentGemmaRglru(nn.Module):
    """A linear recurrence over `[B, T, width]` whose decay and input each head gates; states `[B, width]` are in float32."""

    def __init__(self, config):
        super().__init__()
        self.heads, self.width = config.num_attention_heads, config.lru_width // config.num_attention_heads
        self.recurrent_param = nn.Parameter(torch.empty([config.lru_width]))
        for name in ("input", "recurrent"):
            setattr(self, f"{name}_gate_weight", nn.Parameter(torch.empty([self.heads, self.width, self.width])))
            setattr(self, f"{name}_gate_bias", nn.Parameter(torch.empty([self.heads, self.width])))

    def gate(self, name, heads, shape):
        bias, weight = getattr(self, f"{name}_gate_bias"), getattr(self, f"{name}_gate_weight")
        out = torch.baddbmm(bias[:, None, :], heads, weight)
        return torch.sigmoid(out.transpose(0, 1).reshape(shape))

    def forward(self, x, places, state=None):
        starts = places[:, :, None] == 0
        heads = x.reshape(x.shape[0] * x.shape[1], self.heads, self.width).permute(1, 0, 2)
        let_in = self.gate("input", heads, x.shape)
        kept = self.gate("recurrent", heads, x.shape)
        logs = -8.0 * kept * F.softplus(self.recurrent_param)
        kept = torch.exp(logs)
        square = torch.exp(2 * logs)
        gated = x * let_in
        scale = BoundedRoot.apply(1 - square)
        scale = starts + ~starts * scale
        gated = gated * scale.type(x.dtype)
        return self.scan(gated, kept * ~starts, state)

    def scan(self, x, kept, state):
        if x.shape[1] == 1:
            if state is None:
                return x, x[:, 0].type(torch.float32)
            out = kept.type(torch.float32) * state[:, None]
            out += x.type(torch.float32)
            return out.type(x.dtype), out[:, -1]
        if state is None:
            state = torch.zeros(x[:, 0].shape, dtype=torch.float32, device=x.device)
        out = torch.zeros_like(x)
        for i in range(x.shape[1]):
            state = kept[:, i].type(torch.float32) * state
            state = state + x[:, i].type(torch.float32)
            out[:, i] = state.type(x.dtype)
        return out, state


class RecurrentGemmaRecurrentBlock(nn.Module):
    """A convolution over the last tokens and the recurrence, beside a gate."""

    def __init__(self, config, layer):
        super().__init__()
        self.layer, self.kernel, self.size = layer, config.conv1d_width, config.hidden_size
        size, width = config.hidden_size, config.lru_width
        self.linear_y = nn.Linear(size, width)
        self.linear_x = nn.Linear(size, width)
        self.linear_out = nn.Linear(width, size)
        self.conv_1d = nn.Conv1d(width, width, self.kernel, groups=width, padding=self.kernel - 1)
        self.rg_lru = RecurrentGemmaRglru(config)
        self.act_fn = activation(config.hidden_activation)

    def forward(self, x, places, mask=None, cache=None):
        length = x.shape[1]
        gate = self.act_fn(self.linear_y(x))
        x = self.linear_x(x)
        x = x.transpose(1, 2)
        state = None
        if cache is not None and self.layer not in cache.recurrent:
            cache.recurrent[self.layer] = torch.zeros((x.shape[0], x.shape[1]), device=x.device, dtype=torch.float32)
        if cache is not None:
            state = cache.recurrent[self.layer]
        if cache is not None and length == 1:
            if self.layer not in cache.convolved:
                cache.convolved[self.layer] = torch.zeros((x.shape[0], self.size, self.kernel - 1), device=x.device, dtype=x.dtype)
            seen = torch.cat((cache.convolved[self.layer], x), -1)
            x = torch.sum(seen * self.conv_1d.weight[:, 0, :], dim=-1) + self.conv_1d.bias
            x = x.unsqueeze(-1)
            cache.convolved[self.layer] = seen[:, :, 1:]
        else:
            if cache is not None:
                kv_state(x, self.kernel)
                cache.convolved[self.layer] = F.pad(x, (self.kernel - length - 1, 0))
            x = self.conv_1d(x)[..., :length]
        x, state = self.rg_lru(x.transpose(1, 2), places, state)
        if cache is not None:
            cache.recurrent[self.layer] = state
            kv_state(state)
        # The real layer keeps its state itself, and so holds it when the model is done.
        self.kept = state if cache is None else (state, cache.convolved[self.layer])
        return self.linear_out(x * gate)


class RecurrentGemmaDecoderLayer(Block):
    positional = 3

    def __init__(self, config, layer):
        super().__init__()
        self.attends = config.kinds[layer] == "attention"
        self.temporal_pre_norm = GemmaRMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.temporal_block = (RecurrentGemmaAttention if self.attends else RecurrentGemmaRecurrentBlock)(config, layer)
        self.channel_pre_norm = GemmaRMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.mlp_block = GatedMLP(config, config.intermediate_size // 2, bias=True, act=config.hidden_activation)

    def forward(self, x, places, mask=None, cache=None):
        normed = self.temporal_pre_norm(x)
        out = self.temporal_block(normed, places, mask, cache)
        before = (out[0] if self.attends else out) + x
        x = self.channel_pre_norm(before)
        x = self.mlp_block(x)
        return x + before


class RecurrentGemmaModel(Decoder):
    layer_class = RecurrentGemmaDecoderLayer
    norm_class = GemmaRMSNorm
    norm_name = "final_norm"

    def __init__(self, config):
        super().__init__(config)
        self.register_buffer("normalizer", torch.tensor(config.hidden_size**0.5, dtype=torch.bfloat16), persistent=False)

    def rotary(self, config):
        return None

    def embedded(self, x):
        return x * self.normalizer.type(x.dtype)

    def positions(self, x, position_ids):
        return position_ids

    def forward(self, *args, use_cache=None, **kwargs):
        """Hands the cache on to those who ask for it; otherwise it is let go of, as transformers does."""
        out = super().forward(*args, use_cache=use_cache, **kwargs)
        if not use_cache:
            out.pop("past_key_values", None)
        return out


class RecurrentGemmaForCausalLM(ForCausalLM):
    base = RecurrentGemmaModel

    def scaled(self, logits):
        cap = self.config.logits_soft_cap
        return torch.tanh(logits / cap) * cap
