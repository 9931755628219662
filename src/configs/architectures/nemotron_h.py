"""Nemotron-H: each layer has one mixer, Mamba 2, attention, a feed-forward or experts; no positions."""
from torch import nn

from .mamba2 import GroupedGatedRMSNorm, Mamba2Mixer
from .parts.activations import activation
from .parts.attention import RMSNorm
from .parts.block import Block
from .parts.config import Config
from .parts.decoder import Attention, PlainMLP
from .parts.experts import Experts, GroupRouter
from .parts.heads import ForCausalLM
from .parts.hybrid import UnturnedHybrid

#: The letters of `hybrid_override_pattern`, and what older files call the kinds of layers.
LETTERS = {"M": "linear_attention", "E": "moe", "*": "full_attention", "-": "mlp"}
OLDER = {"mamba": "linear_attention", "attention": "full_attention"}
#: Older names of keys.
RENAMED = {
    "mamba_n_groups": "n_groups",
    "mamba_d_conv": "conv_kernel",
    "mamba_expand": "expand",
    "mamba_dt_min": "time_step_min",
    "mamba_conv_bias": "use_conv_bias",
    "mamba_chunk_size": "chunk_size",
}


class NemotronHConfig(Config):
    model_type = "nemotron_h"
    attribute_map = {"layers_block_type": "layer_types", "num_local_experts": "n_routed_experts", **RENAMED}
    defaults = dict(
        vocab_size=131072,
        hidden_size=4096,
        num_attention_heads=32,
        num_key_value_heads=8,
        head_dim=128,
        pad_token_id=0,
        max_position_embeddings=4096,
        attention_dropout=0.0,
        intermediate_size=21504,
        mlp_hidden_act="relu2",
        mlp_bias=False,
        ssm_state_size=128,
        mamba_num_heads=128,
        mamba_head_dim=64,
        mamba_hidden_act="silu",
        n_groups=8,
        conv_kernel=4,
        time_step_min=0.001,
        use_conv_bias=True,
        chunk_size=128,
        n_routed_experts=8,
        moe_intermediate_size=7688,
        moe_shared_expert_intermediate_size=7688,
        moe_latent_size=None,
        num_experts_per_tok=2,
        routed_scaling_factor=1.0,
        n_group=1,
        topk_group=1,
        norm_topk_prob=True,
        use_bias=False,
        layer_norm_epsilon=1e-5,
    )

    def complete(self, given):
        kinds = self.layer_types
        if kinds is None and self.hybrid_override_pattern is not None:
            kinds = [LETTERS[letter] for letter in self.hybrid_override_pattern]
        kinds = [OLDER.get(kind, kind) for kind in kinds or ["linear_attention", "moe", "full_attention", "mlp"]]
        wrong = [kind for kind in kinds if kind not in LETTERS.values()]
        if wrong:
            raise ValueError(f"layers_block_type has {wrong[0]!r}, which is none of {', '.join(LETTERS.values())}")
        self.layer_types, self.num_hidden_layers = kinds, len(kinds)
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        self.rms_norm_eps = self.layer_norm_epsilon
        self.tie_word_embeddings = False


class NemotronHMixer(Mamba2Mixer):
    def sizes(self, config):
        return dict(
            act=config.mamba_hidden_act,
            inner=config.mamba_num_heads * config.mamba_head_dim,
            heads=config.mamba_num_heads,
            width=config.mamba_head_dim,
            groups=config.n_groups,
            state=config.ssm_state_size,
            kernel=config.conv_kernel,
            chunk=config.chunk_size,
            limit=(config.time_step_min, float("inf")),
            bias=config.use_bias,
            conv_bias=config.use_conv_bias,
        )

    def gated_norm(self, config):
        return GroupedGatedRMSNorm(self.inner, config.layer_norm_epsilon, self.groups)


class NemotronHMLP(PlainMLP):
    names = ("up_proj", "down_proj", "act_fn")

    def __init__(self, config, width=None):
        nn.Module.__init__(self)
        width = width or config.intermediate_size
        self.up_proj = nn.Linear(config.hidden_size, width, bias=config.mlp_bias)
        self.down_proj = nn.Linear(width, config.hidden_size, bias=config.mlp_bias)
        self.act_fn = activation(config.mlp_hidden_act)


class NemotronHMoE(nn.Module):
    """Experts without gates, where asked for behind a narrower vector, and one that every token uses."""

    def __init__(self, config):
        super().__init__()
        size, narrow = config.hidden_size, config.moe_latent_size
        width = size if narrow is None else narrow
        self.experts = Experts(config.n_routed_experts, width, config.moe_intermediate_size, config.mlp_hidden_act, gated=False)
        self.gate = GroupRouter(config, config.n_routed_experts)
        self.shared_experts = NemotronHMLP(config, config.moe_shared_expert_intermediate_size)
        self.fc1_latent_proj = nn.Identity() if narrow is None else nn.Linear(size, narrow, bias=config.mlp_bias)
        self.fc2_latent_proj = nn.Identity() if narrow is None else nn.Linear(narrow, size, bias=config.mlp_bias)

    def forward(self, x):
        flat = x.view(-1, x.shape[-1])
        shares, chosen = self.gate(flat)
        routed = self.fc1_latent_proj(flat)
        routed = self.experts(routed, chosen, shares)
        routed = self.fc2_latent_proj(routed).view(x.shape)
        return routed + self.shared_experts(x)


class NemotronHBlock(Block):
    def __init__(self, config, layer):
        super().__init__()
        self.kind = config.layer_types[layer]
        self.norm = RMSNorm(config.hidden_size, eps=config.layer_norm_epsilon)
        if self.kind == "linear_attention":
            self.mixer = NemotronHMixer(config, layer)
        elif self.kind == "full_attention":
            self.mixer = Attention(config, layer)
        else:
            self.mixer = NemotronHMoE(config) if self.kind == "moe" else NemotronHMLP(config)

    def forward(self, x, positions=None, mask=None, cache=None):
        before = x
        x = self.norm(x.to(dtype=self.norm.weight.dtype))
        if self.kind == "linear_attention":
            x = self.mixer(x, mask, cache)
        elif self.kind == "full_attention":
            x, weights = self.mixer(x, None, mask, cache)
        else:
            x = self.mixer(x)
        return before + x


class NemotronHModel(UnturnedHybrid):
    layer_class = attending = NemotronHBlock
    embed_name = "embeddings"
    norm_name = "norm_f"


class NemotronHForCausalLM(ForCausalLM):
    """Logits in float32; their layer never shares the embedding's weights."""

    base = NemotronHModel

    def scaled(self, logits):
        return logits.float()
