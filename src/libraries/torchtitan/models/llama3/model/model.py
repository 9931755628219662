import torch
import torch.nn.functional as F
from torch import nn
from torchtitan.models.attention import FlexAttentionWrapper, ScaledDotProductAttentionWrapper, VarlenAttentionWrapper
from torchtitan.protocols.model import ModelProtocol

from .args import RoPEScalingArgs, TransformerModelArgs


def precompute_freqs_cis(dim, end, theta=10000.0, scaling_args=None):
    """Turns as complex numbers. What stretches the slow ones changes numbers only."""
    turns = 1.0 / (theta ** (torch.arange(0, dim, 2)[: dim // 2].float() / dim))
    angles = torch.outer(torch.arange(end, device=turns.device), turns).float()
    return torch.polar(torch.ones_like(angles), angles)


def reshape_for_broadcast(freqs_cis, x, positions=None):
    length = x.shape[1]
    if positions is not None and positions.size(0) > 1:
        batch = x.shape[0]
        table = freqs_cis[None, :, None, :].expand(batch, -1, -1, -1)
        return torch.gather(table, 1, positions.view(batch, length, 1, 1).expand(batch, length, 1, table.shape[-1]))
    turns = freqs_cis[0:length] if positions is None else freqs_cis[positions.squeeze(0)]
    return turns.view(1, length, *[1] * (x.ndim - 3), x.shape[-1])


def apply_rotary_emb(xq, xk, freqs_cis, positions=None):
    pairs = lambda x: torch.view_as_complex(x.float().reshape(*x.shape[:-1], -1, 2))
    q, k = pairs(xq), pairs(xk)
    turns = reshape_for_broadcast(freqs_cis, q, positions)
    turned = lambda x: torch.view_as_real(x * turns).flatten(3)
    return turned(q).type_as(xq), turned(k).type_as(xk)


class Attention(nn.Module):
    def __init__(self, model_args):
        super().__init__()
        self.n_heads = model_args.n_heads
        self.n_kv_heads = model_args.n_heads if model_args.n_kv_heads is None else model_args.n_kv_heads
        self.n_rep = self.n_heads // self.n_kv_heads
        self.head_dim = model_args.dim // model_args.n_heads
        self.enable_gqa = self.n_heads > self.n_kv_heads
        self.wq = nn.Linear(model_args.dim, self.n_heads * self.head_dim, bias=False)
        self.wk = nn.Linear(model_args.dim, self.n_kv_heads * self.head_dim, bias=False)
        self.wv = nn.Linear(model_args.dim, self.n_kv_heads * self.head_dim, bias=False)
        self.wo = nn.Linear(self.n_heads * self.head_dim, model_args.dim, bias=False)
        self.attn_type = model_args.attn_type
        kinds = dict(flex=FlexAttentionWrapper, varlen=VarlenAttentionWrapper, sdpa=ScaledDotProductAttentionWrapper)
        if self.attn_type not in kinds:
            raise ValueError("Unknown attention type: %s" % self.attn_type)
        self.inner_attention = kinds[self.attn_type]()

    def forward(self, x, freqs_cis, attention_masks, positions=None):
        batch, length, _ = x.shape
        heads = [proj(x).view(batch, length, -1, self.head_dim) for proj in (self.wq, self.wk, self.wv)]
        xq, xk = apply_rotary_emb(heads[0], heads[1], freqs_cis=freqs_cis, positions=positions)
        xq, xk, xv = xq.transpose(1, 2), xk.transpose(1, 2), heads[2].transpose(1, 2)
        if self.attn_type == "varlen":
            out = self.inner_attention(xq, xk, xv, attention_masks)
        else:
            more = {"block_mask": attention_masks} if self.attn_type == "flex" else {}
            out = self.inner_attention(xq, xk, xv, enable_gqa=self.enable_gqa, **more).transpose(1, 2).contiguous()
        return self.wo(out.view(batch, length, -1))

    def init_weights(self, init_std):
        pass


class FeedForward(nn.Module):
    def __init__(self, dim, hidden_dim, multiple_of, ffn_dim_multiplier):
        super().__init__()
        hidden_dim = int(2 * hidden_dim / 3)
        if ffn_dim_multiplier is not None:
            hidden_dim = int(ffn_dim_multiplier * hidden_dim)
        hidden_dim = multiple_of * ((hidden_dim + multiple_of - 1) // multiple_of)
        self.w1 = nn.Linear(dim, hidden_dim, bias=False)
        self.w2 = nn.Linear(hidden_dim, dim, bias=False)
        self.w3 = nn.Linear(dim, hidden_dim, bias=False)

    def forward(self, x):
        return self.w2(F.silu(self.w1(x)) * self.w3(x))

    def init_weights(self, init_std):
        pass


class TransformerBlock(nn.Module):
    def __init__(self, layer_id, model_args):
        super().__init__()
        self.n_heads, self.dim = model_args.n_heads, model_args.dim
        self.attention = Attention(model_args)
        self.feed_forward = FeedForward(
            model_args.dim, 4 * model_args.dim, model_args.multiple_of, model_args.ffn_dim_multiplier
        )
        self.attention_norm = nn.RMSNorm(model_args.dim, eps=model_args.norm_eps)
        self.ffn_norm = nn.RMSNorm(model_args.dim, eps=model_args.norm_eps)

    def forward(self, x, freqs_cis, attention_masks, positions=None):
        h = x + self.attention(self.attention_norm(x), freqs_cis, attention_masks, positions)
        return h + self.feed_forward(self.ffn_norm(h))

    def init_weights(self):
        pass


class Transformer(ModelProtocol):
    def __init__(self, model_args):
        super().__init__(model_args)
        self.model_args = model_args
        self.vocab_size, self.n_layers = model_args.vocab_size, model_args.n_layers
        self.tok_embeddings = nn.Embedding(model_args.vocab_size, model_args.dim)
        self.register_buffer("freqs_cis", self._precompute_freqs_cis(), persistent=False)
        self.layers = nn.ModuleDict({str(i): TransformerBlock(i, model_args) for i in range(model_args.n_layers)})
        self.norm = nn.RMSNorm(model_args.dim, eps=model_args.norm_eps)
        self.output = nn.Linear(model_args.dim, model_args.vocab_size, bias=False)

    def _precompute_freqs_cis(self):
        args = self.model_args
        return precompute_freqs_cis(args.dim // args.n_heads, args.max_seq_len, args.rope_theta, args.rope_scaling_args)

    def forward(self, tokens, attention_masks=None, positions=None):
        h = tokens if self.tok_embeddings is None else self.tok_embeddings(tokens)
        for layer in self.layers.values():
            h = layer(h, self.freqs_cis, attention_masks=attention_masks, positions=positions)
        h = h if self.norm is None else self.norm(h)
        return h if self.output is None else self.output(h)
