"""xLSTM: blocks of matrix memories with exponential gates, no attention."""
import torch
from torch import nn

from assay import kv_state

from .parts.block import Block
from .parts.cache import Cache
from .parts.config import Config
from .parts.heads import ForCausalLM, Model
from .parts.mlstm import any_length, chunks, soft_cap
from .parts.output import Output


class xLSTMConfig(Config):
    model_type = "xlstm"
    defaults = dict(
        vocab_size=50304,
        hidden_size=4096,
        num_hidden_layers=32,
        num_heads=8,
        use_bias=False,
        norm_reduction_force_float32=True,
        tie_word_embeddings=False,
        norm_eps=1e-6,
        qk_dim_factor=0.5,
        v_dim_factor=1.0,
        mode="inference",
        chunk_size=64,
        return_last_states=True,
        eps=1e-6,
        inference_state_dtype="float32",
        ffn_proj_factor=2.667,
        ffn_round_up_to_multiple_of=64,
        gate_soft_cap=15.0,
        output_logit_soft_cap=30.0,
        weight_mode="single",
        pad_token_id=1,
        max_inference_chunksize=16384,
    )

    def complete(self, given):
        self.embedding_dim = self.embedding_dim or self.hidden_size
        self.num_blocks = self.num_blocks or self.num_hidden_layers
        if self.embedding_dim != self.hidden_size:
            raise ValueError(f"embedding_dim {self.embedding_dim} is not hidden_size {self.hidden_size}")
        if self.weight_mode not in ("single", "fused"):
            raise ValueError(f"weight_mode {self.weight_mode!r} is neither 'single' nor 'fused'")
        if self.mode != "inference" and not (self.mode == "train" and self.return_last_states):
            raise ValueError(f"mode {self.mode!r} with return_last_states {self.return_last_states} gives no state, which each layer reads")


def rounded(size, multiple):
    """The next multiple above a size."""
    return int((size + multiple - 1) // multiple * multiple)


class xLSTMRMSNorm(nn.Module):
    """An RMS norm; `centered`: each head's layer norm, `[B, T, heads, width]` → `[B, T, heads · width]`."""

    def __init__(self, size, eps, bias=False, wide=True, centered=False):
        super().__init__()
        self.eps, self.wide, self.centered = eps, wide, centered
        self.weight = nn.Parameter(torch.ones(size))
        self.bias = nn.Parameter(torch.zeros(size)) if bias else None

    def forward(self, x):
        kind = x.dtype
        x = (self.layer_norm if self.centered else self.rms_norm)(x.float() if self.wide else x).to(kind)
        if self.centered:
            x = x.reshape(x.shape[0], x.shape[1], -1)
        x = x * self.weight
        return x if self.bias is None else x + self.bias

    def rms_norm(self, x):
        return x * torch.rsqrt(x.pow(2).mean(dim=-1, keepdim=True) + self.eps)

    def layer_norm(self, x):
        centered = x - x.mean(dim=-1, keepdim=True)
        return centered * torch.rsqrt(x.var(dim=-1, keepdim=True, unbiased=False) + self.eps)


class xLSTMFeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.fused = config.weight_mode == "fused"
        self.width = rounded(config.hidden_size * config.ffn_proj_factor, config.ffn_round_up_to_multiple_of)
        if self.fused:
            self.proj_up_gate_z = nn.Linear(config.hidden_size, 2 * self.width, bias=config.use_bias)
        else:
            self.proj_up_gate = nn.Linear(config.hidden_size, self.width, bias=config.use_bias)
            self.proj_up = nn.Linear(config.hidden_size, self.width, bias=config.use_bias)
        self.proj_down = nn.Linear(self.width, config.hidden_size, bias=config.use_bias)
        self.act_fn = nn.SiLU()

    def forward(self, x):
        if self.fused:
            x = self.proj_up_gate_z(x)
            gate, up = torch.tensor_split(x, (self.width,), dim=-1)
            x = self.act_fn(gate) * up
        else:
            x = self.act_fn(self.proj_up_gate(x)) * self.proj_up(x)
        return self.proj_down(x)


class xLSTMBackend(nn.Module):
    """The recurrence: of any length where states are to be read, of whole chunks in a training's mode."""

    def __init__(self, config):
        super().__init__()
        self.config = config

    def forward(self, query, key, value, gate, forget, state):
        config = self.config
        if config.mode == "train":
            return chunks(query, key, value, gate, forget, state, config.chunk_size, config.eps)
        return any_length(query, key, value, gate, forget, state, config.chunk_size, config.eps, getattr(torch, config.inference_state_dtype))


class xLSTMLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config, self.heads = config, config.num_heads
        size, bias = config.hidden_size, config.use_bias
        self.values, self.keys = int(size * config.v_dim_factor), int(size * config.qk_dim_factor)
        if config.weight_mode == "fused":
            self.qkv_opreact = nn.Linear(size, 2 * self.keys + 2 * self.values, bias=bias)
            self.ifgate_preact = nn.Linear(size, 2 * self.heads)
        else:
            self.q = nn.Linear(size, self.keys, bias=bias)
            self.k = nn.Linear(size, self.keys, bias=bias)
            self.v = nn.Linear(size, self.values, bias=bias)
            self.ogate_preact = nn.Linear(size, self.values, bias=bias)
            self.igate_preact = nn.Linear(size, self.heads)
            self.fgate_preact = nn.Linear(size, self.heads)
        self.ogate_act_fn = nn.Sigmoid()
        self.mlstm_backend = xLSTMBackend(config)
        self.multihead_norm = xLSTMRMSNorm(self.values, config.norm_eps, bias, config.norm_reduction_force_float32, centered=True)
        self.out_proj = nn.Linear(self.values, size, bias=bias)

    def parts(self, x):
        """Queries, keys, values, what gates the output, and the two gates, all over `[B, T]`."""
        cap = self.config.gate_soft_cap
        if self.config.weight_mode == "fused":
            all_of_it = self.qkv_opreact(x)
            ends = (self.keys, 2 * self.keys, 2 * self.keys + self.values)
            gates = soft_cap(self.ifgate_preact(x), cap)
            return *torch.tensor_split(all_of_it, ends, dim=-1), *torch.tensor_split(gates, (self.heads,), dim=-1)
        query, key, value, out_gate = self.q(x), self.k(x), self.v(x), self.ogate_preact(x)
        return query, key, value, out_gate, soft_cap(self.igate_preact(x), cap), soft_cap(self.fgate_preact(x), cap)

    def forward(self, x, state=None):
        batch, length, _ = x.shape
        query, key, value, out_gate, gate, forget = self.parts(x)
        query, key, value = (one.reshape(batch, length, self.heads, -1).transpose(1, 2) for one in (query, key, value))
        out, state = self.mlstm_backend(query, key, value, gate.transpose(1, 2), forget.transpose(1, 2), state)
        normed = self.multihead_norm(out.transpose(1, 2))
        normed = normed.reshape(batch, length, -1)
        gated = self.ogate_act_fn(out_gate) * normed
        return self.out_proj(gated), state


class xLSTMBlock(Block):
    positional = 2

    def __init__(self, config):
        super().__init__()
        self.norm_mlstm = xLSTMRMSNorm(config.hidden_size, config.norm_eps, config.use_bias, config.norm_reduction_force_float32)
        self.mlstm_layer = xLSTMLayer(config)
        self.norm_ffn = xLSTMRMSNorm(config.hidden_size, config.norm_eps, config.use_bias, config.norm_reduction_force_float32)
        self.ffn = xLSTMFeedForward(config)

    def forward(self, x, state=None):
        mixed = self.norm_mlstm(x)
        mixed, state = self.mlstm_layer(mixed, state)
        x = x + mixed
        inner = self.norm_ffn(x)
        inner = self.ffn(inner)
        return x + inner, state


class xLSTMModel(Model):
    embed_name = "embeddings"

    def __init__(self, config):
        super().__init__(config)
        self.embeddings = nn.Embedding(config.vocab_size, config.embedding_dim)
        self.blocks = nn.ModuleList([xLSTMBlock(config) for _ in range(config.num_blocks)])
        self.out_norm = xLSTMRMSNorm(config.hidden_size, config.norm_eps)

    def states(self, x):
        """The states of all layers, which begin as zeros: matrices, sums of keys, and largest exponents."""
        config, heads = self.config, self.config.num_heads
        keys, values = (rounded(config.hidden_size * factor, 64) // heads for factor in (config.qk_dim_factor, config.v_dim_factor))
        cache = Cache()
        for i in range(config.num_blocks):
            sizes = (keys, values), (keys,), (1,)
            cache.recurrent[i] = tuple(torch.zeros([x.shape[0], heads, *one], dtype=x.dtype, device=x.device) for one in sizes)
        return cache

    def blocks_over(self, x, cache):
        for i, block in enumerate(self.blocks):
            x, state = block(x, None if cache is None else cache.recurrent[i])
            if cache is not None:
                for kept, new in zip(cache.recurrent[i], state):
                    kept.copy_(new)
                    kv_state(kept)
        return x

    def forward(self, input_ids=None, past_key_values=None, inputs_embeds=None, use_cache=None, **kwargs):
        if inputs_embeds is None:
            inputs_embeds = self.embeddings(input_ids)
        use_cache = self.caches(use_cache)
        length, most = inputs_embeds.shape[1], self.config.max_inference_chunksize
        if past_key_values is None and (use_cache or (not self.training and length > most)):
            past_key_values = self.states(inputs_embeds)
        x = inputs_embeds
        if self.training or length <= most:
            x = self.blocks_over(x, past_key_values)
        else:
            with torch.no_grad():
                final = torch.zeros_like(x)
                for start in range(0, length, most):
                    final[:, start : start + most] = self.blocks_over(x[:, start : start + most], past_key_values)
                x = final
        x = self.out_norm(x)
        return Output(last_hidden_state=x, past_key_values=past_key_values)


class xLSTMForCausalLM(ForCausalLM):
    """Logits in float32, between plus and minus `output_logit_soft_cap`."""

    base = xLSTMModel
    name = "backbone"

    def read(self, hidden):
        return hidden.to(self.lm_head.weight.dtype)

    def scaled(self, logits):
        logits, cap, most = logits.float(), self.config.output_logit_soft_cap, self.config.max_inference_chunksize
        if self.training or logits.shape[1] <= most:
            return soft_cap(logits, cap)
        with torch.no_grad():
            for start in range(0, logits.shape[1], most):
                logits[:, start : start + most] = soft_cap(logits[:, start : start + most], cap)
        return logits
