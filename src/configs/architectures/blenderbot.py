"""Blenderbot: BART with norms before each half, few encoder layers, and positions without spare rows."""
import torch
from torch import nn

from .bart import BartConfig, BartForCausalLM, BartForConditionalGeneration, BartModel, BartStack


class BlenderbotConfig(BartConfig):
    model_type = "blenderbot"
    pre_norm = True
    labels = 2
    defaults = dict(
        BartConfig.defaults,
        vocab_size=8008,
        max_position_embeddings=128,
        encoder_layers=2,
        encoder_ffn_dim=10240,
        encoder_attention_heads=32,
        decoder_layers=24,
        decoder_ffn_dim=10240,
        decoder_attention_heads=32,
        d_model=2560,
        decoder_start_token_id=1,
        pad_token_id=0,
        eos_token_id=2,
    )


class BlenderbotPositions(nn.Embedding):
    """Learned positions, the same for every text of a batch."""

    def forward(self, x, past=0):
        return super().forward(torch.arange(past, past + x.shape[1], dtype=torch.long, device=x.device))


class BlenderbotStack(BartStack):
    positions_class = BlenderbotPositions
    normed_embedding = False


class BlenderbotModel(BartModel):
    stack_class = BlenderbotStack


class BlenderbotForConditionalGeneration(BartForConditionalGeneration):
    base = BlenderbotModel


class BlenderbotForCausalLM(BartForCausalLM):
    stack_class = BlenderbotStack
