"""Phi-3: Llama with one product for queries, keys and values, and one for gate and up."""
from torch import nn

from .parts.activations import activation
from .parts.attention import split_heads
from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer
from .parts.heads import ForCausalLM, SequenceHead, TokenHead
from .parts.rotary import RotaryEmbedding


class Phi3Config(Config):
    model_type = "phi3"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=32064,
        hidden_size=3072,
        intermediate_size=8192,
        num_hidden_layers=32,
        num_attention_heads=32,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attention_dropout=0.0,
        hidden_act="silu",
        max_position_embeddings=4096,
        original_max_position_embeddings=4096,
        rms_norm_eps=1e-5,
        pad_token_id=32000,
        tie_word_embeddings=False,
        partial_rotary_factor=1.0,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads


class Phi3MLP(nn.Module):
    """Gate and up in one product: `down(up · act(gate))`."""

    def __init__(self, config):
        super().__init__()
        self.gate_up_proj = nn.Linear(config.hidden_size, 2 * config.intermediate_size, bias=False)
        self.down_proj = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)
        self.activation_fn = activation(config.hidden_act)

    def forward(self, x):
        gate, up = self.gate_up_proj(x).chunk(2, dim=-1)
        return self.down_proj(up * self.activation_fn(gate))


class Phi3Attention(Attention):
    def __init__(self, config, layer):
        super().__init__(config, layer, window=config.sliding_window)
        del self.q_proj, self.k_proj, self.v_proj
        self.sizes = [n * self.head_dim for n in (config.num_attention_heads, config.num_key_value_heads, config.num_key_value_heads)]
        self.qkv_proj = nn.Linear(config.hidden_size, sum(self.sizes), bias=False)

    def heads(self, x):
        return [split_heads(one, self.head_dim) for one in self.qkv_proj(x).split(self.sizes, dim=-1)]


class Phi3DecoderLayer(DecoderLayer):
    def norms(self, config):
        super().norms(config)
        self.resid_attn_dropout = nn.Dropout(config.resid_pdrop)
        self.resid_mlp_dropout = nn.Dropout(config.resid_pdrop)

    def attention(self, config, layer):
        return Phi3Attention(config, layer)

    def feed_forward(self, config, layer):
        return Phi3MLP(config)

    def forward(self, x, positions=None, mask=None, cache=None):
        before = x
        x = self.input_layernorm(x)
        x, weights = self.self_attn(x, positions, mask, cache)
        x = before + self.resid_attn_dropout(x)
        before = x
        x = self.post_attention_layernorm(x)
        x = self.mlp(x)
        return before + self.resid_mlp_dropout(x)


class Phi3Model(Decoder):
    layer_class = Phi3DecoderLayer

    def rotary(self, config):
        return RotaryEmbedding(config, partial=True)


class Phi3ForCausalLM(ForCausalLM):
    base = Phi3Model


class Phi3ForSequenceClassification(SequenceHead):
    base = Phi3Model


class Phi3ForTokenClassification(TokenHead):
    base = Phi3Model
