"""Mistral 4: DeepSeek's latent attention and experts, chosen by softmax scores."""
import torch

from .deepseek_v2 import DeepseekV2DecoderLayer, DeepseekV2Model
from .parts.config import Config
from .parts.experts import GroupRouter
from .parts.heads import ForCausalLM, SequenceHead, TokenHead
from .parts.latent import LatentAttention
from .parts.rotary import RotaryEmbedding


class Mistral4Config(Config):
    model_type = "mistral4"
    rope_theta = 10000.0
    attribute_map = {"num_local_experts": "n_routed_experts"}
    defaults = dict(
        vocab_size=131072,
        hidden_size=4096,
        intermediate_size=12288,
        num_hidden_layers=36,
        num_attention_heads=32,
        num_key_value_heads=32,
        hidden_act="silu",
        moe_intermediate_size=2048,
        max_position_embeddings=1048576,
        rms_norm_eps=1e-6,
        pad_token_id=11,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
        n_shared_experts=1,
        n_routed_experts=128,
        routed_scaling_factor=1.0,
        kv_lora_rank=256,
        q_lora_rank=1024,
        qk_rope_head_dim=64,
        v_head_dim=128,
        qk_nope_head_dim=64,
        n_group=1,
        topk_group=1,
        num_experts_per_tok=4,
        first_k_dense_replace=0,
        norm_topk_prob=True,
        rope_interleave=True,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        self.head_dim = self.qk_rope_head_dim


class Mistral4Attention(LatentAttention):
    def grown(self, query, positions):
        """Queries grow with their position."""
        rope = self.config.rope_parameters
        steps = torch.floor(positions[2] / (rope.get("original_max_position_embeddings") or 8192))
        growth = 1 + (rope.get("llama_4_scaling_beta") or 0.0) * torch.log(1 + steps)
        return query * growth[:, None, :, None].to(query.dtype)


class Mistral4Router(GroupRouter):
    def __init__(self, config, count):
        super().__init__(config, count, corrected=False)

    def logits(self, x):
        return torch.nn.functional.linear(x, self.weight)

    def scores(self, logits):
        return logits.softmax(-1)

    def choice(self, scores):
        return scores


class Mistral4DecoderLayer(DeepseekV2DecoderLayer):
    router_class = Mistral4Router

    def attention(self, config, layer):
        return Mistral4Attention(config, layer)


class Mistral4Model(DeepseekV2Model):
    layer_class = Mistral4DecoderLayer

    def positions(self, x, position_ids):
        return (*super().positions(x, position_ids), position_ids)

    def rotary(self, config):
        return RotaryEmbedding(config, {**config.rope_parameters, "partial_rotary_factor": 1.0})


class Mistral4ForCausalLM(ForCausalLM):
    base = Mistral4Model


class Mistral4ForSequenceClassification(SequenceHead):
    base = Mistral4Model


class Mistral4ForTokenClassification(TokenHead):
    base = Mistral4Model
