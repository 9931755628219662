"""Bamba: Mamba 2 layers with attention at named places, each with a gated feed-forward."""
from .mamba2 import Mamba2Mixer
from .parts.config import Config
from .parts.decoder import Attention, GatedMLP
from .parts.heads import ForCausalLM
from .parts.hybrid import AttendingLayer, HybridDecoder, MixedLayer
from .parts.rotary import RotaryEmbedding


class BambaConfig(Config):
    model_type = "bamba"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=128000,
        tie_word_embeddings=False,
        hidden_size=4096,
        intermediate_size=14336,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
        hidden_act="silu",
        rms_norm_eps=1e-5,
        pad_token_id=0,
        max_position_embeddings=262144,
        attention_dropout=0.0,
        attn_layer_indices=None,
        mamba_n_heads=128,
        mamba_d_head="auto",
        mamba_n_groups=1,
        mamba_d_state=256,
        mamba_d_conv=4,
        mamba_expand=2,
        mamba_chunk_size=256,
        mamba_conv_bias=True,
        mamba_proj_bias=False,
        time_step_limit=(0.0, float("inf")),
        attention_bias=False,
        mlp_bias=False,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        complete_heads(self)
        self.partial_rotary_factor = 0.5
        attending = self.attn_layer_indices or []
        self.layer_types = ["full_attention" if i in attending else "linear_attention" for i in range(self.num_hidden_layers)]


def complete_heads(config):
    """The width of a Mamba head where the file leaves it to be derived; heads have to fill the inner width."""
    inner, heads = config.mamba_expand * config.hidden_size, config.mamba_n_heads
    if config.mamba_d_head == "auto":
        config.mamba_d_head = inner // heads
    if config.mamba_d_head * heads != inner:
        raise ValueError(f"mamba_n_heads × mamba_d_head is {config.mamba_d_head * heads}, but mamba_expand × hidden_size is {inner}")


class BambaMixer(Mamba2Mixer):
    def sizes(self, config):
        return dict(
            inner=int(config.mamba_expand * config.hidden_size),
            heads=config.mamba_n_heads,
            width=config.mamba_d_head,
            groups=config.mamba_n_groups,
            state=config.mamba_d_state,
            kernel=config.mamba_d_conv,
            chunk=config.mamba_chunk_size,
            limit=config.time_step_limit,
            bias=config.mamba_proj_bias,
            conv_bias=config.mamba_conv_bias,
        )

    def gated_norm(self, config):
        return self.gated_norm_class(self.inner, eps=config.rms_norm_eps)


class BambaMambaLayer(MixedLayer):
    def mixer(self, config, layer):
        return BambaMixer(config, layer)

    def inner(self, config, layer):
        return GatedMLP(config, bias=config.mlp_bias)


class BambaAttentionLayer(AttendingLayer):
    def mixer(self, config, layer):
        return Attention(config, layer, bias=config.attention_bias)

    def inner(self, config, layer):
        return GatedMLP(config, bias=config.mlp_bias)


class BambaModel(HybridDecoder):
    layer_class, attending = BambaMambaLayer, BambaAttentionLayer
    norm_name = "final_layernorm"

    def rotary(self, config):
        return RotaryEmbedding(config, partial=True)


class BambaForCausalLM(ForCausalLM):
    base = BambaModel
