"""LongCat-Flash: layers of two attentions and two feed-forwards, beside which experts run, some of which do nothing."""
import torch
from torch import nn
from torch.nn import functional as F

from .parts.activations import activation
from .parts.attention import RMSNorm
from .parts.block import Block
from .parts.config import Config
from .parts.decoder import Decoder, GatedMLP
from .parts.heads import ForCausalLM
from .parts.latent import LatentAttention


class LongcatFlashConfig(Config):
    model_type = "longcat_flash"
    rope_theta = 10000000.0
    attribute_map = {"num_local_experts": "n_routed_experts", "num_experts_per_tok": "moe_topk", "intermediate_size": "ffn_hidden_size"}
    defaults = dict(
        vocab_size=131072,
        hidden_size=6144,
        num_layers=28,
        num_attention_heads=64,
        hidden_act="silu",
        max_position_embeddings=131072,
        rms_norm_eps=1e-5,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
        ffn_hidden_size=12288,
        q_lora_rank=1536,
        kv_lora_rank=512,
        qk_nope_head_dim=128,
        qk_rope_head_dim=64,
        head_dim=64,
        v_head_dim=128,
        moe_topk=12,
        n_routed_experts=512,
        zero_expert_num=256,
        expert_ffn_hidden_size=2048,
        routed_scaling_factor=6.0,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        self.num_hidden_layers = self.num_layers
        self.all_experts = self.n_routed_experts + (self.zero_expert_num or 0)


class LongcatFlashTopkRouter(nn.Module):
    """The best experts by softmax over all and a bias that balances the load; their shares do not add up to one."""

    def __init__(self, config):
        super().__init__()
        self.chosen, self.scale = config.moe_topk, config.routed_scaling_factor
        self.register_buffer("e_score_correction_bias", torch.zeros(config.all_experts))
        self.classifier = nn.Linear(config.hidden_size, config.all_experts, bias=bool(config.router_bias))

    def forward(self, x):
        logits = F.linear(x.type(torch.float32), self.classifier.weight.type(torch.float32))
        scores = logits.softmax(dim=-1)
        with torch.no_grad():
            choice = scores + self.e_score_correction_bias.unsqueeze(0)
            chosen = torch.topk(choice, k=self.chosen, dim=-1, sorted=False)[1]
        shares = scores.gather(1, chosen)
        shares = shares * self.scale
        return shares.to(logits.dtype), chosen


class LongcatFlashExperts(nn.Module):
    """Experts one after the other. How many tokens choose one that does nothing is not known, so neither is what all cost."""

    def __init__(self, config):
        super().__init__()
        size, width = config.hidden_size, config.expert_ffn_hidden_size
        self.real, self.all = config.n_routed_experts, config.all_experts
        self.act_fn = activation(config.hidden_act)
        self.identity_expert = nn.Identity()
        if self.real > 0:
            self.gate_up_proj = nn.Parameter(torch.empty(self.all, 2 * width, size))
            self.down_proj = nn.Parameter(torch.empty(self.real, size, width))

    def forward(self, x, chosen, shares):
        out = torch.zeros_like(x)
        choices = F.one_hot(chosen, num_classes=self.all).permute(2, 1, 0)
        for found in torch.greater(choices.sum(dim=(-1, -2)), 0).nonzero():
            expert = int(found.item())
            places, tokens = torch.where(choices[expert].squeeze(0))
            rows = x[tokens]
            if expert < self.real:
                gate, up = F.linear(rows, self.gate_up_proj[expert]).chunk(2, dim=-1)
                rows = F.linear(self.act_fn(gate) * up, self.down_proj[expert])
            rows = rows * shares[tokens, places, None]
            out.index_add_(0, tokens, rows.to(x.dtype))
        return out


class LongcatFlashMoE(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.experts = LongcatFlashExperts(config)
        self.router = LongcatFlashTopkRouter(config)

    def forward(self, x):
        flat = x.view(-1, x.shape[-1])
        shares, chosen = self.router(flat)
        return self.experts(flat, chosen, shares).view(x.shape)


class LongcatFlashAttention(LatentAttention):
    """Queries and the short vector are scaled up by how much narrower they were than the model."""

    def scaled(self, query_plain, query_turned, latent):
        config = self.config
        query, key = ((config.hidden_size / rank) ** 0.5 for rank in (config.q_lora_rank, config.kv_lora_rank))
        query_plain = query_plain * query
        query_turned = query_turned * query
        latent = latent * key
        return query_plain, query_turned, latent


class LongcatFlashDecoderLayer(Block):
    def __init__(self, config, layer):
        super().__init__()
        size, eps = config.hidden_size, config.rms_norm_eps
        self.mlp = LongcatFlashMoE(config)
        self.self_attn = nn.ModuleList([LongcatFlashAttention(config, layer * 2 + i) for i in range(2)])
        self.mlps = nn.ModuleList([GatedMLP(config, config.ffn_hidden_size) for _ in range(2)])
        self.input_layernorm = nn.ModuleList([RMSNorm(size, eps=eps) for _ in range(2)])
        self.post_attention_layernorm = nn.ModuleList([RMSNorm(size, eps=eps) for _ in range(2)])

    def forward(self, x, positions=None, mask=None, cache=None):
        before = x
        x = self.input_layernorm[0](x)
        x, weights = self.self_attn[0](x, positions, mask, cache)
        x = before + x
        before = x
        x = self.post_attention_layernorm[0](x)
        beside = self.mlp(x)
        x = self.mlps[0](x)
        x = before + x
        before = x
        x = self.input_layernorm[1](x)
        x, weights = self.self_attn[1](x, positions, mask, cache)
        x = before + x
        before = x
        x = self.post_attention_layernorm[1](x)
        x = self.mlps[1](x)
        return before + x + beside


class LongcatFlashModel(Decoder):
    layer_class = LongcatFlashDecoderLayer

    def window(self, layer):
        return None


class LongcatFlashForCausalLM(ForCausalLM):
    base = LongcatFlashModel
