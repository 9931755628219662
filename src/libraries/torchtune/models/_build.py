"""One decoder for all the families: they differ in their positions, biases, norms of heads and in their sizes."""
from functools import partial

from torch import nn
from torchtune.modules import (
    FeedForward, FrozenNF4Linear, MultiHeadAttention, RMSNorm, RotaryPositionalEmbeddings, TiedLinear,
    TransformerDecoder, TransformerSelfAttentionLayer,
)
from torchtune.modules.peft import DoRALinear, LoRALinear


def scale_hidden_dim_for_mlp(dim, multiple_of=256):
    hidden = 4 * int(2 * dim / 3)
    return multiple_of * ((hidden + multiple_of - 1) // multiple_of)


def decoder(*, vocab_size, num_layers, num_heads, num_kv_heads, embed_dim, max_seq_len, intermediate_dim=None,
            attn_dropout=0.0, norm_eps=1e-5, rope_base=10_000, rope=RotaryPositionalEmbeddings, head_dim=None, biases=(),
            q_norm=False, k_norm=False, tie_word_embeddings=False, adapted=(), adapter=None, quantize_base=False,
            own_positions=False):
    """
    `adapted` names the layers that `adapter(in, out, bias)` makes in place of a Linear. With `own_positions` each layer
    has a table of turns of its own.
    """
    head_dim = head_dim or embed_dim // num_heads
    num_kv_heads = num_kv_heads or num_heads
    hidden = intermediate_dim or scale_hidden_dim_for_mlp(embed_dim)
    turns = lambda: rope(dim=head_dim, max_seq_len=max_seq_len, base=rope_base)
    shared = None if own_positions else turns()

    def linear(name, into, out):
        if name in adapted:
            return adapter(into, out, name in biases)
        plain = FrozenNF4Linear if quantize_base and name not in biases and name != "output" else nn.Linear
        return plain(into, out, bias=name in biases)

    def layer():
        attention = MultiHeadAttention(
            embed_dim=embed_dim, num_heads=num_heads, num_kv_heads=num_kv_heads, head_dim=head_dim,
            q_proj=linear("q_proj", embed_dim, num_heads * head_dim),
            k_proj=linear("k_proj", embed_dim, num_kv_heads * head_dim),
            v_proj=linear("v_proj", embed_dim, num_kv_heads * head_dim),
            output_proj=linear("output_proj", num_heads * head_dim, embed_dim),
            pos_embeddings=shared or turns(), max_seq_len=max_seq_len, attn_dropout=attn_dropout,
            q_norm=RMSNorm(dim=head_dim, eps=norm_eps) if q_norm else None,
            k_norm=RMSNorm(dim=head_dim, eps=norm_eps) if k_norm else None,
        )
        mlp = FeedForward(
            gate_proj=linear("mlp", embed_dim, hidden), down_proj=linear("mlp", hidden, embed_dim),
            up_proj=linear("mlp", embed_dim, hidden),
        )
        norm = lambda: RMSNorm(dim=embed_dim, eps=norm_eps)
        return TransformerSelfAttentionLayer(attn=attention, mlp=mlp, sa_norm=norm(), mlp_norm=norm())

    table = nn.Embedding(vocab_size, embed_dim)
    return TransformerDecoder(
        tok_embeddings=table, layers=nn.ModuleList([layer() for _ in range(num_layers)]), max_seq_len=max_seq_len,
        num_heads=num_heads, head_dim=head_dim, norm=RMSNorm(embed_dim, eps=norm_eps),
        output=TiedLinear(table) if tie_word_embeddings else linear("output", embed_dim, vocab_size),
    )


def with_lora(build, lora_attn_modules, apply_lora_to_mlp=False, apply_lora_to_output=False, *, lora_rank=8,
              lora_alpha=16, lora_dropout=0.0, use_dora=False, quantize_base=False, own_positions=True, **sizes):
    kind = DoRALinear if use_dora else LoRALinear
    adapter = lambda into, out, bias: kind(
        into, out, rank=lora_rank, alpha=lora_alpha, dropout=lora_dropout, use_bias=bias, quantize_base=quantize_base
    )
    names = [*lora_attn_modules, *(["mlp"] if apply_lora_to_mlp else []), *(["output"] if apply_lora_to_output else [])]
    return build(
        adapted=names, adapter=adapter, quantize_base=quantize_base, own_positions=own_positions, **sizes
    )


def family(names, build, sizes, **more):
    """`NAME()`, `lora_NAME(…)` and `qlora_NAME(…)` of each size, put into a module's names."""
    for name, one in sizes.items():
        names[name] = partial(build, **one)
        names["lora_" + name] = partial(with_lora, build, **more, **one)
        names["qlora_" + name] = partial(with_lora, build, quantize_base=True, **more, **one)


def size(vocab_size, num_layers, num_heads, num_kv_heads, embed_dim, intermediate_dim, max_seq_len, **more):
    return dict(
        vocab_size=vocab_size, num_layers=num_layers, num_heads=num_heads, num_kv_heads=num_kv_heads,
        embed_dim=embed_dim, intermediate_dim=intermediate_dim, max_seq_len=max_seq_len, **more,
    )
