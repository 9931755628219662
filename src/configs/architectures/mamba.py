"""Mamba: blocks of a selective state-space scan, no attention."""
import math

import torch
from torch import nn

from .parts.attention import RMSNorm
from .parts.block import Block
from .parts.cache import Cache
from .parts.config import Config
from .parts.heads import ForCausalLM, Model
from .parts.output import Output
from .parts.scans import causal, causal_conv1d, masked, selective_scan, selective_step
from .parts.states import conv_inputs, keep_state, started


class MambaConfig(Config):
    model_type = "mamba"
    defaults = dict(
        vocab_size=50280,
        hidden_size=768,
        state_size=16,
        num_hidden_layers=32,
        layer_norm_epsilon=1e-5,
        pad_token_id=0,
        expand=2,
        conv_kernel=4,
        use_bias=False,
        use_conv_bias=True,
        hidden_act="silu",
        residual_in_fp32=True,
        time_step_rank="auto",
    )

    def complete(self, given):
        self.intermediate_size = given.get("intermediate_size") or int(self.expand * self.hidden_size)
        if self.time_step_rank == "auto":
            self.time_step_rank = math.ceil(self.hidden_size / 16)


class MambaMixer(nn.Module):
    """Gate and inputs, a convolution over the last tokens, and a scan whose step, input and output each token chooses.

    A family that names its keys otherwise overrides `sizes`.
    """

    def __init__(self, config, layer):
        super().__init__()
        self.config, self.layer = config, layer
        for name, value in self.sizes(config).items():
            setattr(self, name, value)
        self.conv1d = causal_conv1d(self.inner, self.kernel, self.conv_bias)
        self.in_proj = nn.Linear(config.hidden_size, self.inner * 2, bias=self.bias)
        self.x_proj = nn.Linear(self.inner, self.rank + self.state * 2, bias=False)
        self.dt_proj = nn.Linear(self.rank, self.inner, bias=True)
        self.A_log = nn.Parameter(torch.empty(self.inner, self.state))
        self.D = nn.Parameter(torch.empty(self.inner))
        self.out_proj = nn.Linear(self.inner, config.hidden_size, bias=self.bias)

    def sizes(self, config):
        return dict(
            inner=config.intermediate_size,
            rank=int(config.time_step_rank),
            state=config.state_size,
            kernel=config.conv_kernel,
            bias=config.use_bias,
            conv_bias=config.use_conv_bias,
        )

    def chosen(self, step, inward, outward):
        return step, inward, outward

    def forward(self, x, padding=None, cache=None):
        length, kind = x.shape[1], x.dtype
        both = self.in_proj(masked(x, padding)).transpose(1, 2)
        decay = -torch.exp(self.A_log.float())
        x, gate = both.chunk(2, dim=1)
        one = started(cache, self.layer) and length == 1
        if one:
            x = causal(self.conv1d, x, self.config.hidden_act, cache.convolved[self.layer])
        else:
            if cache is not None:
                x = conv_inputs(cache, self.layer, x, self.kernel)
            x = causal(self.conv1d, x, self.config.hidden_act)
            if cache is not None:
                x = x[:, :, -length:]
        x = masked(x.transpose(1, 2), padding)
        step, inward, outward = self.chosen(*torch.split(self.x_proj(x), [self.rank, self.state, self.state], dim=-1))
        step = self.dt_proj.weight @ step.transpose(1, 2)
        bias = self.dt_proj.bias.float()
        if one:
            state = cache.recurrent[self.layer]
            x = x.transpose(1, 2)[..., 0]
            out = selective_step(state, x, step[..., 0], decay, inward[:, 0], outward[:, 0], self.D, gate[..., 0], bias).unsqueeze(-1)
        else:
            out, state = selective_scan(x.transpose(1, 2), step, decay, inward, outward, self.D.float(), gate, bias)
            if cache is not None:
                keep_state(cache, self.layer, state)
        return self.out_proj(out.transpose(1, 2).to(kind))


class MambaBlock(Block):
    mixer_class = MambaMixer

    def __init__(self, config, layer):
        super().__init__()
        self.wide = config.residual_in_fp32
        self.norm = RMSNorm(config.hidden_size, eps=config.layer_norm_epsilon)
        self.mixer = self.mixer_class(config, layer)

    def forward(self, x, padding=None, cache=None):
        before = x
        x = self.norm(x.to(dtype=self.norm.weight.dtype))
        if self.wide:
            before = before.to(torch.float32)
        x = self.mixer(x, padding, cache)
        return before + x


class MambaModel(Model):
    block_class = MambaBlock
    embed_name = "embeddings"

    def __init__(self, config):
        super().__init__(config)
        self.embeddings = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([self.block_class(config, i) for i in range(config.num_hidden_layers)])
        self.norm_f = RMSNorm(config.hidden_size, eps=config.layer_norm_epsilon)

    def forward(self, input_ids=None, attention_mask=None, past_key_values=None, inputs_embeds=None, use_cache=None, **kwargs):
        x = self.embeddings(input_ids) if inputs_embeds is None else inputs_embeds
        use_cache = (not self.training and self.config.use_cache) if use_cache is None else use_cache
        if use_cache and past_key_values is None:
            past_key_values = Cache()
        for layer in self.layers:
            x = layer(x, attention_mask, past_key_values)
        x = self.norm_f(x)
        return Output(last_hidden_state=x, past_key_values=past_key_values if use_cache else None)


class MambaForCausalLM(ForCausalLM):
    """Logits in float32, from states brought to the output layer's type."""

    base = MambaModel
    name = "backbone"

    def read(self, hidden):
        return hidden.to(self.lm_head.weight.dtype)

    def scaled(self, logits):
        return logits.float()
