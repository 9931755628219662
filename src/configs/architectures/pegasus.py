"""Pegasus: BART with sines for positions, norms before each half, and none behind the embedding."""
from .bart import BartConfig, BartForCausalLM, BartForConditionalGeneration, BartModel, BartStack, SinePositions


class PegasusConfig(BartConfig):
    model_type = "pegasus"
    pre_norm = True
    labels = 2
    defaults = dict(
        BartConfig.defaults,
        decoder_start_token_id=0,
        pad_token_id=0,
        eos_token_id=1,
    )


class PegasusStack(BartStack):
    positions_class = SinePositions
    normed_embedding = False


class PegasusModel(BartModel):
    stack_class = PegasusStack


class PegasusForConditionalGeneration(BartForConditionalGeneration):
    base = PegasusModel


class PegasusForCausalLM(BartForCausalLM):
    stack_class = PegasusStack
