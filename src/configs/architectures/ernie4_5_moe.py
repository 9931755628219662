"""ERNIE 4.5 MoE: ERNIE 4.5 with routed experts, chosen by softmax scores plus a bias that balances the load."""
import torch
from torch import nn
from torch.nn import functional as F

from .ernie4_5 import Ernie4_5Attention, Ernie4_5Config
from .parts.decoder import Decoder, DecoderLayer, GatedMLP
from .parts.experts import Experts
from .parts.heads import ForCausalLM


class Ernie4_5_MoeConfig(Ernie4_5Config):
    model_type = "ernie4_5_moe"
    attribute_map = {"num_experts": "moe_num_experts", "num_experts_per_tok": "moe_k"}
    defaults = dict(
        Ernie4_5Config.defaults,
        hidden_size=2560,
        intermediate_size=12288,
        num_hidden_layers=28,
        num_attention_heads=20,
        num_key_value_heads=4,
        head_dim=None,
        moe_intermediate_size=1536,
        moe_k=6,
        moe_num_experts=64,
        moe_num_shared_experts=2,
        moe_layer_start_index=1,
        moe_layer_end_index=-1,
        moe_layer_interval=1,
        moe_norm_min=1e-12,
    )

    def complete(self, given):
        super().complete(given)
        if self.moe_layer_end_index == -1:
            self.moe_layer_end_index = self.num_hidden_layers - 1


class Ernie4_5_MoeStatics(nn.Module):
    """The bias that balances the load; no gradient reaches it."""

    def __init__(self, config):
        super().__init__()
        self.e_score_correction_bias = nn.Parameter(torch.zeros(1, config.num_experts, dtype=torch.float32), requires_grad=False)

    def forward(self, scores):
        return scores + self.e_score_correction_bias.squeeze()


class Ernie4_5_MoeRouter(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.weight = nn.Parameter(torch.zeros(config.num_experts, config.hidden_size, dtype=torch.float32))
        self.moe_statics = Ernie4_5_MoeStatics(config)

    def forward(self, x):
        with torch.autocast(device_type=x.device.type, enabled=False):
            logits = F.linear(x.float(), self.weight.float())
            shares = F.softmax(logits, dim=1, dtype=torch.float)
            chosen = torch.topk(self.moe_statics(shares), self.config.num_experts_per_tok, dim=-1)[1]
            shares = torch.gather(shares, dim=-1, index=chosen)
            shares = shares / torch.clamp(shares.sum(dim=-1, keepdim=True), min=self.config.moe_norm_min)
        return shares.to(x.dtype), chosen


class Ernie4_5_MoeMLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, shared = config.moe_intermediate_size, config.moe_num_shared_experts
        self.gate = Ernie4_5_MoeRouter(config)
        self.experts = Experts(config.num_experts, config.hidden_size, width, config.hidden_act)
        self.shared_experts = GatedMLP(config, width * shared, bias=config.use_bias) if shared > 0 else None

    def forward(self, x):
        shape = x.shape
        x = x.view(-1, shape[-1])
        common = None if self.shared_experts is None else self.shared_experts(x)
        shares, chosen = self.gate(x)
        x = self.experts(x, chosen, shares)
        if common is not None:
            x = x + common
        return x.reshape(shape)


class Ernie4_5_MoeDecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return Ernie4_5Attention(config, layer, bias=config.use_bias)

    def feed_forward(self, config, layer):
        within = config.moe_layer_start_index <= layer <= config.moe_layer_end_index
        if within and (layer + 1) % config.moe_layer_interval == 0:
            return Ernie4_5_MoeMLP(config)
        return GatedMLP(config, bias=config.use_bias)


class Ernie4_5_MoeModel(Decoder):
    layer_class = Ernie4_5_MoeDecoderLayer


class Ernie4_5_MoeForCausalLM(ForCausalLM):
    base = Ernie4_5_MoeModel

    def has_bias(self, config):
        return config.use_bias
