"""Arcee: Llama with a plain feed-forward of squared ReLU."""
from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer, PlainMLP
from .parts.heads import ForCausalLM, SequenceHead, SpanHead, TokenHead


class ArceeConfig(Config):
    model_type = "arcee"
    whole_heads = True
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=32000,
        hidden_size=2560,
        intermediate_size=18432,
        num_hidden_layers=32,
        num_attention_heads=32,
        hidden_act="relu2",
        max_position_embeddings=4096,
        rms_norm_eps=1e-5,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
        mlp_bias=False,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        self.head_dim = self.head_dim or self.hidden_size // self.num_attention_heads


class ArceeMLP(PlainMLP):
    names = ("up_proj", "down_proj", "act_fn")


class ArceeDecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return Attention(config, layer, bias=config.attention_bias)

    def feed_forward(self, config, layer):
        return ArceeMLP(config, bias=config.mlp_bias)


class ArceeModel(Decoder):
    layer_class = ArceeDecoderLayer


class ArceeForCausalLM(ForCausalLM):
    base = ArceeModel


class ArceeForSequenceClassification(SequenceHead):
    base = ArceeModel


class ArceeForTokenClassification(TokenHead):
    base = ArceeModel


class ArceeForQuestionAnswering(SpanHead):
    base = ArceeModel
