"""Mamba 2: blocks whose scan has heads and is computed in chunks."""
import torch
from torch import nn

from .mamba import MambaBlock, MambaForCausalLM, MambaModel
from .parts.config import Config
from .parts.scans import causal, causal_conv1d, chunk_scan, chunk_step, masked
from .parts.states import conv_inputs, keep_state, started


class Mamba2Config(Config):
    model_type = "mamba2"
    defaults = dict(
        num_heads=128,
        head_dim=64,
        vocab_size=32768,
        hidden_size=4096,
        state_size=128,
        num_hidden_layers=64,
        layer_norm_epsilon=1e-5,
        pad_token_id=1,
        expand=2,
        conv_kernel=4,
        n_groups=8,
        use_bias=False,
        use_conv_bias=True,
        hidden_act="silu",
        residual_in_fp32=True,
        time_step_limit=(0.0, float("inf")),
        chunk_size=256,
        tie_word_embeddings=False,
    )

    def complete(self, given):
        inner, heads = self.expand * self.hidden_size, self.num_heads * self.head_dim
        if inner != heads:
            raise ValueError(f"hidden_size × expand is {inner}, but num_heads × head_dim is {heads}")


class GatedRMSNorm(nn.Module):
    """An RMS norm of what a gate lets through."""

    def __init__(self, size, eps=1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x, gate=None):
        kind = x.dtype
        x = x.to(torch.float32)
        if gate is not None:
            x = x * nn.functional.silu(gate.to(torch.float32))
        variance = x.pow(2).mean(-1, keepdim=True)
        x = x * torch.rsqrt(variance + self.eps)
        return self.weight * x.to(kind)


class GroupedGatedRMSNorm(GatedRMSNorm):
    """The same over each group of heads."""

    def __init__(self, size, eps, groups):
        super().__init__(size, eps)
        self.groups = groups

    def forward(self, x, gate=None):
        kind = x.dtype
        x = x.to(torch.float32)
        if gate is not None:
            x = x * nn.functional.silu(gate.to(torch.float32))
        grouped = x.view(*x.shape[:-1], self.groups, -1)
        variance = grouped.pow(2).mean(-1, keepdim=True)
        grouped = grouped * torch.rsqrt(variance + self.eps)
        x = grouped.view(*x.shape)
        return self.weight * x.to(kind)


class Mamba2Mixer(nn.Module):
    """One product gives gate, inputs, state inputs and outputs, and steps; a convolution and a chunked scan follow.

    A family that names its keys otherwise overrides `sizes`.
    """

    gated_norm_class = GatedRMSNorm

    def __init__(self, config, layer):
        super().__init__()
        self.config, self.layer = config, layer
        for name, value in {"act": config.hidden_act, **self.sizes(config)}.items():
            setattr(self, name, value)
        channels = self.inner + 2 * self.groups * self.state
        self.split = [self.inner, channels, self.heads]
        self.conv1d = causal_conv1d(channels, self.kernel, self.conv_bias)
        self.in_proj = nn.Linear(config.hidden_size, sum(self.split), bias=self.bias)
        self.dt_bias = nn.Parameter(torch.empty(self.heads))
        self.A_log = nn.Parameter(torch.empty(self.heads))
        self.norm = self.gated_norm(config)
        self.D = nn.Parameter(torch.empty(self.heads))
        self.out_proj = nn.Linear(self.inner, config.hidden_size, bias=self.bias)

    def sizes(self, config):
        return dict(
            inner=int(config.expand * config.hidden_size),
            heads=config.num_heads,
            width=config.head_dim,
            groups=config.n_groups,
            state=config.state_size,
            kernel=config.conv_kernel,
            chunk=config.chunk_size,
            limit=config.time_step_limit,
            bias=config.use_bias,
            conv_bias=config.use_conv_bias,
        )

    def gated_norm(self, config):
        return self.gated_norm_class(self.inner, eps=config.layer_norm_epsilon)

    def projected(self, x):
        """Gate, what the convolution reads, and steps, side by side."""
        return self.in_proj(x)

    def gated(self, out, gate):
        return self.norm(out, gate)

    def forward(self, x, padding=None, cache=None):
        batch, length, kind = x.shape[0], x.shape[1], x.dtype
        both = self.projected(masked(x, padding))
        decay = -torch.exp(self.A_log.float())
        gate, x, step = both.split(self.split, dim=-1)
        x = x.transpose(1, 2)
        one = started(cache, self.layer) and length == 1
        if one:
            x = causal(self.conv1d, x, self.act, cache.convolved[self.layer])
        else:
            if cache is not None:
                x = conv_inputs(cache, self.layer, x, self.kernel)
            x = causal(self.conv1d, x, self.act)
            if cache is not None:
                x = x[:, :, -length:]
        x = masked(x.transpose(1, 2), padding)
        both = self.groups * self.state
        x, inward, outward = torch.split(x, [self.inner, both, both], dim=-1)
        if one:
            state = cache.recurrent[self.layer]
            inward, outward = (each.view(batch, self.groups, self.state) for each in (inward, outward))
            out = chunk_step(state, x.view(batch, self.heads, self.width), step[:, 0], decay, inward, outward, self.D, self.dt_bias)
            out = out.view(batch, 1, -1)
        else:
            inward, outward = (each.view(batch, length, self.groups, self.state) for each in (inward, outward))
            before = cache.recurrent[self.layer] if started(cache, self.layer) else None
            x = x.view(batch, length, self.heads, self.width)
            out, state = chunk_scan(x, step, decay, inward, outward, self.chunk, self.D, self.dt_bias, self.limit, before)
            if cache is not None:
                keep_state(cache, self.layer, state)
            out = out.reshape(batch, length, -1)
        out = self.gated(out, gate)
        return self.out_proj(out.to(kind))


class Mamba2Block(MambaBlock):
    mixer_class = Mamba2Mixer


class Mamba2Model(MambaModel):
    block_class = Mamba2Block


class Mamba2ForCausalLM(MambaForCausalLM):
    base = Mamba2Model
