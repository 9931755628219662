"""Ministral 3: Mistral whose queries grow with their position."""
import torch

from .parts.decoder import Attention, Decoder, DecoderLayer
from .parts.heads import ForCausalLM, SequenceHead, SpanHead, TokenHead
from .mistral import MistralConfig


class Ministral3Config(MistralConfig):
    model_type = "ministral3"
    rope_theta = 1000000.0
    defaults = dict(
        MistralConfig.defaults,
        vocab_size=131072,
        num_hidden_layers=34,
        head_dim=128,
        max_position_embeddings=262144,
        rms_norm_eps=1e-5,
        sliding_window=None,
        pad_token_id=11,
    )

    def complete(self, given):
        super().complete(given)
        if self.rope_parameters is None:
            self.rope_parameters = {"rope_type": "yarn", "llama_4_scaling_beta": 0.1, "original_max_position_embeddings": 16384}


class Ministral3Attention(Attention):
    def turn(self, query, key, positions):
        query, key = super().turn(query, key, positions[:2])
        rope = self.config.rope_parameters
        steps = torch.floor(positions[2] / (rope.get("original_max_position_embeddings") or 16384))
        growth = 1 + (rope.get("llama_4_scaling_beta") or 0.0) * torch.log(1 + steps)
        return query * growth[:, None, :, None].to(query.dtype), key


class Ministral3DecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return Ministral3Attention(config, layer, window=config.sliding_window)


class Ministral3Model(Decoder):
    layer_class = Ministral3DecoderLayer

    def positions(self, x, position_ids):
        return (*super().positions(x, position_ids), position_ids)


class Ministral3ForCausalLM(ForCausalLM):
    base = Ministral3Model


class Ministral3ForSequenceClassification(SequenceHead):
    base = Ministral3Model


class Ministral3ForTokenClassification(TokenHead):
    base = Ministral3Model


class Ministral3ForQuestionAnswering(SpanHead):
    base = Ministral3Model
    name = "model"
