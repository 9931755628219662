"""HunYuan-MoE: HunYuan with experts that a router in float32 chooses, beside a feed-forward that every token uses."""
import torch
from torch import nn
from torch.nn import functional as F

from .hunyuan_v1_dense import HunYuanDecoderLayer, HunYuanDenseV1Config
from .parts.decoder import Decoder, GatedMLP
from .parts.experts import Experts
from .parts.heads import ForCausalLM, SequenceHead


class HunYuanMoEV1Config(HunYuanDenseV1Config):
    model_type = "hunyuan_v1_moe"
    attribute_map = {"num_experts_per_tok": "moe_topk", "num_local_experts": "num_experts"}
    defaults = dict(HunYuanDenseV1Config.defaults, num_experts=1, moe_topk=1)


class HunYuanGate(nn.Module):
    """The best experts by softmax over all, their shares adding up to one; `moe_topk` may differ by layer."""

    def __init__(self, config, layer):
        super().__init__()
        self.chosen = config.moe_topk if isinstance(config.moe_topk, int) else config.moe_topk[layer]
        self.wg = nn.Linear(config.hidden_size, config.num_experts, bias=False, dtype=torch.float32)

    def forward(self, x):
        if self.wg.weight.dtype == torch.float32:
            x = x.float()
        logits = self.wg(x)
        shares = F.softmax(logits, dim=1, dtype=torch.float)
        shares, chosen = torch.topk(shares, self.chosen, dim=-1)
        shares /= shares.sum(dim=-1, keepdim=True)
        return shares.to(logits.dtype), chosen


class HunYuanMoe(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.gate = HunYuanGate(config, layer)
        self.experts = Experts(config.num_experts, config.hidden_size, config.intermediate_size, config.hidden_act)
        self.shared_mlp = GatedMLP(config)

    def forward(self, x):
        shape = x.shape
        shared = self.shared_mlp(x)
        x = x.view(-1, shape[-1])
        shares, chosen = self.gate(x)
        return self.experts(x, chosen, shares).reshape(shape) + shared


class HunYuanMoEDecoderLayer(HunYuanDecoderLayer):
    def feed_forward(self, config, layer):
        return HunYuanMoe(config, layer)


class HunYuanMoEV1Model(Decoder):
    layer_class = HunYuanMoEDecoderLayer

    def window(self, layer):
        return None


class HunYuanMoEV1ForCausalLM(ForCausalLM):
    base = HunYuanMoEV1Model


class HunYuanMoEV1ForSequenceClassification(SequenceHead):
    base = HunYuanMoEV1Model
