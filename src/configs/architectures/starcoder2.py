"""StarCoder2: Mistral with biases, LayerNorm, and a plain feed-forward."""
from torch import nn

from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer, PlainMLP
from .parts.heads import ForCausalLM, SequenceHead, TokenHead


class Starcoder2Config(Config):
    model_type = "starcoder2"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=49152,
        hidden_size=3072,
        intermediate_size=12288,
        num_hidden_layers=30,
        num_attention_heads=24,
        num_key_value_heads=2,
        hidden_act="gelu_pytorch_tanh",
        max_position_embeddings=4096,
        norm_epsilon=1e-5,
        attention_dropout=0.0,
        residual_dropout=0.0,
        embedding_dropout=0.0,
        use_bias=True,
        tie_word_embeddings=True,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        self.layer_types = None


class Starcoder2MLP(PlainMLP):
    names = ("c_fc", "c_proj", "act")

    def __init__(self, config):
        super().__init__(config, bias=config.use_bias)
        self.dropout = config.residual_dropout

    def forward(self, x):
        return nn.functional.dropout(super().forward(x), p=self.dropout, training=self.training)


class Starcoder2Attention(Attention):
    def __init__(self, config, layer):
        super().__init__(config, layer, bias=config.use_bias, window=config.sliding_window)

    def out(self, mixed, x):
        return nn.functional.dropout(self.o_proj(mixed), p=self.config.residual_dropout, training=self.training)


class Starcoder2DecoderLayer(DecoderLayer):
    def norms(self, config):
        self.input_layernorm = nn.LayerNorm(config.hidden_size, eps=config.norm_epsilon)
        self.post_attention_layernorm = nn.LayerNorm(config.hidden_size, eps=config.norm_epsilon)

    def attention(self, config, layer):
        return Starcoder2Attention(config, layer)

    def feed_forward(self, config, layer):
        return Starcoder2MLP(config)


class Starcoder2Model(Decoder):
    layer_class = Starcoder2DecoderLayer

    def last_norm(self, config):
        return nn.LayerNorm(config.hidden_size, eps=config.norm_epsilon)

    def embedded(self, x):
        return nn.functional.dropout(x, p=self.config.embedding_dropout, training=self.training)


class Starcoder2ForCausalLM(ForCausalLM):
    base = Starcoder2Model


class Starcoder2ForSequenceClassification(SequenceHead):
    base = Starcoder2Model


class Starcoder2ForTokenClassification(TokenHead):
    base = Starcoder2Model
