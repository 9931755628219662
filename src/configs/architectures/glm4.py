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
        before = x
        x = self.input_layernorm(x)
        x, weights = self.self_attn(x, positions, mask, cache)
        x = self.post_self_attn_layernorm(x)
        x = before + x
        before = x
        x = self.post_attention_layernorm(x)
        x = self.mlp(x)
        x = self.post_mlp_layernorm(x)
        return before + x


class Glm4Model(GlmModel):
    layer_class = Glm4DecoderLayer


class Glm4ForCausalLM(ForCausalLM):
    base = Glm4Model


class Glm4ForSequenceClassification(SequenceHead):
    base = Glm4Model


class Glm4ForTokenClassification(TokenHead):
    base = Glm4Model
