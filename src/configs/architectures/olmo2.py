"""OLMo 2: norms behind each half, and on all queries and keys at once."""
from .parts.attention import WideRMSNorm, split_heads
from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer, window_of
from .parts.heads import ForCausalLM, SequenceHead
from .parts.rotary import WideRotaryEmbedding, wide_rotate


class Olmo2Config(Config):
    model_type = "olmo2"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=50304,
        hidden_size=4096,
        intermediate_size=11008,
        num_hidden_layers=32,
        num_attention_heads=32,
        hidden_act="silu",
        max_position_embeddings=2048,
        rms_norm_eps=1e-5,
        pad_token_id=1,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads


class Olmo2Attention(Attention):
    def __init__(self, config, layer):
        super().__init__(config, layer, bias=config.attention_bias, window=window_of(config, layer))
        self.q_norm = WideRMSNorm(config.num_attention_heads * self.head_dim, config.rms_norm_eps)
        self.k_norm = WideRMSNorm(config.num_key_value_heads * self.head_dim, config.rms_norm_eps)

    def turn(self, query, key, positions):
        return wide_rotate(query, key, positions)

    def heads(self, x):
        states = self.q_norm(self.q_proj(x)), self.k_norm(self.k_proj(x)), self.v_proj(x)
        return [split_heads(one, self.head_dim) for one in states]


class Olmo2DecoderLayer(DecoderLayer):
    def norms(self, config):
        self.post_attention_layernorm = WideRMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.post_feedforward_layernorm = WideRMSNorm(config.hidden_size, eps=config.rms_norm_eps)

    def attention(self, config, layer):
        return Olmo2Attention(config, layer)

    def forward(self, x, positions=None, mask=None, cache=None):
        before = x
        x, weights = self.self_attn(x, positions, mask, cache)
        x = self.post_attention_layernorm(x)
        x = before + x
        before = x
        x = self.mlp(x)
        x = self.post_feedforward_layernorm(x)
        return before + x


class Olmo2Model(Decoder):
    layer_class = Olmo2DecoderLayer
    norm_class = WideRMSNorm

    def rotary(self, config):
        return WideRotaryEmbedding(config)


class Olmo2ForCausalLM(ForCausalLM):
    base = Olmo2Model


class Olmo2ForSequenceClassification(SequenceHead):
    base = Olmo2Model
