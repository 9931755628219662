"""Text generation: how many steps it takes depends on what is generated, so its results are unknown."""
from dataclasses import dataclass

from _assay import unknown as _unknown
from ..utils import ModelOutput


@dataclass
class GenerateDecoderOnlyOutput(ModelOutput):
    sequences: object = None
    scores: object = None
    logits: object = None
    attentions: object = None
    hidden_states: object = None
    past_key_values: object = None


@dataclass
class GenerateEncoderDecoderOutput(ModelOutput):
    sequences: object = None
    scores: object = None
    logits: object = None
    encoder_attentions: object = None
    encoder_hidden_states: object = None
    decoder_attentions: object = None
    cross_attentions: object = None
    decoder_hidden_states: object = None
    past_key_values: object = None


@dataclass
class GenerateBeamDecoderOnlyOutput(GenerateDecoderOnlyOutput):
    sequences_scores: object = None
    beam_indices: object = None


@dataclass
class GenerateBeamEncoderDecoderOutput(GenerateEncoderDecoderOutput):
    sequences_scores: object = None
    beam_indices: object = None


GenerateNonBeamOutput = GenerateDecoderOnlyOutput
GenerateBeamOutput = GenerateBeamDecoderOnlyOutput
GenerateOutput = GenerateDecoderOnlyOutput
GENERATION_MODES_MAPPING = {}


class GenerationMixin:
    _is_stateful = False

    def generate(self, *args, **kwargs):
        return _unknown("what a model generates")

    def prepare_inputs_for_generation(self, input_ids, **kwargs):
        return {"input_ids": input_ids, **kwargs}

    def adjust_generation_fn(self, *args, **kwargs):
        pass


def __getattr__(name):
    return _unknown(f"{name} of text generation")
