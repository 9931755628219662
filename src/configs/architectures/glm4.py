"""GLM-4: GLM with norms around both halves."""
from .parts.attention import RMSNorm
from .parts.heads import ForCausalLM, SequenceHead, TokenHead
from .glm import GlmConfig, GlmDecoderLayer, GlmModel


class Glm4Config(GlmConfig):
    model_type = "glm4"


class Glm4DecoderLayer(GlmDecoderLayer):
    def norms(self, config):
        super().norms(config)
        self.post_self_attn_layernorm = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.post_mlp_layernorm = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)

    def forward(self, x, positions=None, mask=None, cache=None):
        x = x + self.post_self_attn_layernorm(self.self_attn(self.input_layernorm(x), positions, mask, cache))
        return x + self.post_mlp_layernorm(self.mlp(self.post_attention_layernorm(x)))


class Glm4Model(GlmModel):
    layer_class = Glm4DecoderLayer


class Glm4ForCausalLM(ForCausalLM):
    base = Glm4Model


class Glm4ForSequenceClassification(SequenceHead):
    base = Glm4Model


class Glm4ForTokenClassification(TokenHead):
    base = Glm4Model
