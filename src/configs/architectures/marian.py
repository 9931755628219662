"""Marian: BART with sines for positions and no norm behind the embedding."""
from .bart import BartConfig, BartForCausalLM, BartForConditionalGeneration, BartModel, BartStack, SinePositions


class MarianConfig(BartConfig):
    model_type = "marian"
    labels = 2
    defaults = dict(
        BartConfig.defaults,
        vocab_size=58101,
        decoder_start_token_id=58100,
        pad_token_id=58100,
        eos_token_id=0,
        share_encoder_decoder_embeddings=True,
    )


class MarianStack(BartStack):
    positions_class = SinePositions
    normed_embedding = False


class MarianModel(BartModel):
    stack_class = MarianStack


class MarianMTModel(BartForConditionalGeneration):
    base = MarianModel


class MarianForCausalLM(BartForCausalLM):
    stack_class = MarianStack
