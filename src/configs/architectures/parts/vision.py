"""Attention and feed-forward of vision encoders."""
from torch import nn

from .activations import activation
from .attention import attend, split_heads
from .masks import is_eager


class VisionAttention(nn.Module):
    """Every patch with every other; `out` names the output layer, `wide` is how eager attention's softmax runs."""

    wide = True

    def __init__(self, config, bias=True, key_bias=None, out="o_proj"):
        super().__init__()
        self.config, self.out = config, out
        size = config.hidden_size
        if size % config.num_attention_heads != 0:
            raise ValueError(f"hidden_size {size} is not a multiple of num_attention_heads {config.num_attention_heads}")
        self.head_dim = size // config.num_attention_heads
        self.k_proj = nn.Linear(size, size, bias=bias if key_bias is None else key_bias)
        self.v_proj = nn.Linear(size, size, bias=bias)
        self.q_proj = nn.Linear(size, size, bias=bias)
        setattr(self, out, nn.Linear(size, size))

    def forward(self, x, mask=None, causal=False):
        query, key, value = (split_heads(proj(x), self.head_dim) for proj in (self.q_proj, self.k_proj, self.v_proj))
        config = self.config
        dropout = config.attention_probs_dropout_prob if config.attention_dropout is None else config.attention_dropout
        dropout = (dropout or 0.0) if self.training else 0.0
        eager = is_eager(config)
        scale = self.head_dim**-0.5
        out, weights = attend(query, key, value, mask, causal, scale, dropout, eager, wide=self.wide)
        out = out.reshape(*x.shape[:-1], -1)
        out = getattr(self, self.out)(out)
        return out, weights


class FeedForward(nn.Module):
    """Two linear layers and the activation between them."""

    def __init__(self, config):
        super().__init__()
        self.activation_fn = activation(config.hidden_act)
        self.fc1 = nn.Linear(config.hidden_size, config.intermediate_size)
        self.fc2 = nn.Linear(config.intermediate_size, config.hidden_size)

    def forward(self, x):
        return self.fc2(self.activation_fn(self.fc1(x)))
