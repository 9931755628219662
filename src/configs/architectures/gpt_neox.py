"""GPT-NeoX: attention and feed-forward side by side, rotary positions on a quarter of each head."""
from torch import nn

from .parts.block import Block
from .parts.config import Config
from .parts.decoder import Attention, Decoder, PlainMLP
from .parts.heads import ForCausalLM, SequenceHead, SpanHead, TokenHead
from .parts.rotary import RotaryEmbedding


class GPTNeoXConfig(Config):
    model_type = "gpt_neox"
    whole_heads = True
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=50432,
        hidden_size=6144,
        intermediate_size=24576,
        num_hidden_layers=44,
        num_attention_heads=64,
        hidden_act="gelu",
        hidden_dropout=0.0,
        classifier_dropout=0.1,
        attention_dropout=0.0,
        max_position_embeddings=2048,
        layer_norm_eps=1e-5,
        tie_word_embeddings=False,
        use_parallel_residual=True,
        attention_bias=True,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_attention_heads
        self.partial_rotary_factor = given.get("rotary_pct") or 0.25

    def rotary(self, given):
        return super().rotary({**given, "rope_theta": given.get("rotary_emb_base")})


class GPTNeoXAttention(Attention):
    out_name = "dense"

    def __init__(self, config, layer):
        super().__init__(config, layer, bias=config.attention_bias)
        del self.q_proj, self.k_proj, self.v_proj
        self.query_key_value = nn.Linear(config.hidden_size, 3 * config.hidden_size, bias=config.attention_bias)

    def heads(self, x):
        fused = self.query_key_value(x).view(*x.shape[:-1], -1, 3 * self.head_dim).transpose(1, 2)
        return fused.chunk(3, dim=-1)


class GPTNeoXMLP(PlainMLP):
    names = ("dense_h_to_4h", "dense_4h_to_h", "act")


class GPTNeoXLayer(Block):
    def __init__(self, config, layer):
        super().__init__()
        self.parallel = config.use_parallel_residual
        self.input_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.post_attention_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.post_attention_dropout = nn.Dropout(config.hidden_dropout)
        self.post_mlp_dropout = nn.Dropout(config.hidden_dropout)
        self.attention = GPTNeoXAttention(config, layer)
        self.mlp = GPTNeoXMLP(config)

    def forward(self, x, positions=None, mask=None, cache=None):
        attended, weights = self.attention(self.input_layernorm(x), positions, mask, cache)
        attended = self.post_attention_dropout(attended)
        if self.parallel:
            fed = self.mlp(self.post_attention_layernorm(x))
            fed = self.post_mlp_dropout(fed)
            return fed + attended + x
        attended = attended + x
        fed = self.mlp(self.post_attention_layernorm(attended))
        fed = self.post_mlp_dropout(fed)
        return fed + attended


class GPTNeoXModel(Decoder):
    layer_class = GPTNeoXLayer
    embed_name = "embed_in"
    norm_name = "final_layer_norm"

    def __init__(self, config):
        super().__init__(config)
        self.emb_dropout = nn.Dropout(config.hidden_dropout)

    def embedding(self, config):
        return nn.Embedding(config.vocab_size, config.hidden_size)

    def last_norm(self, config):
        return nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def rotary(self, config):
        return RotaryEmbedding(config, partial=True)

    def embedded(self, x):
        return self.emb_dropout(x)


class GPTNeoXForCausalLM(ForCausalLM):
    base = GPTNeoXModel
    name = "gpt_neox"


class GPTNeoXForSequenceClassification(SequenceHead):
    base = GPTNeoXModel
    name = "gpt_neox"


class GPTNeoXForTokenClassification(TokenHead):
    base = GPTNeoXModel
    name = "gpt_neox"
    head = "classifier"


class GPTNeoXForQuestionAnswering(SpanHead):
    base = GPTNeoXModel
    name = "gpt_neox"
