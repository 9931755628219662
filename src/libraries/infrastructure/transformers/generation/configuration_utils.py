"""Settings of text generation, as they are given. No forward pass depends on them."""
from enum import Enum

from ..utils.hub import PushToHubMixin

_defaults = {
    "max_length": 20, "min_length": 0, "do_sample": False, "use_cache": True, "early_stopping": False, "num_beams": 1,
    "temperature": 1.0, "top_k": 50, "top_p": 1.0, "typical_p": 1.0, "repetition_penalty": 1.0, "length_penalty": 1.0,
    "no_repeat_ngram_size": 0, "encoder_no_repeat_ngram_size": 0, "bad_words_ids": None, "num_return_sequences": 1,
    "output_scores": False, "return_dict_in_generate": False, "forced_bos_token_id": None, "forced_eos_token_id": None,
    "remove_invalid_values": False, "exponential_decay_length_penalty": None, "suppress_tokens": None,
    "begin_suppress_tokens": None, "epsilon_cutoff": 0.0, "eta_cutoff": 0.0, "encoder_repetition_penalty": 1.0,
    "num_assistant_tokens": 20, "num_assistant_tokens_schedule": "constant", "assistant_confidence_threshold": 0.4,
    "assistant_lookbehind": 10, "target_lookbehind": 10, "num_beam_groups": 1, "diversity_penalty": 0.0,
}  # fmt: skip
_others = ("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id")


class GenerationMode(str, Enum):
    GREEDY_SEARCH = "greedy_search"
    SAMPLE = "sample"
    BEAM_SEARCH = "beam_search"
    BEAM_SAMPLE = "beam_sample"
    ASSISTED_GENERATION = "assisted_generation"
    CONTRASTIVE_SEARCH = "contrastive_search"
    CONSTRAINED_BEAM_SEARCH = "constrained_beam_search"
    GROUP_BEAM_SEARCH = "group_beam_search"
    DOLA_GENERATION = "dola_generation"


class GenerationConfig(PushToHubMixin):
    def __init__(self, **kwargs):
        self.__dict__.update(kwargs)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return None

    @staticmethod
    def _get_default_generation_params():
        return dict(_defaults)

    @classmethod
    def from_model_config(cls, model_config):
        names = (*_defaults, *_others)
        return cls(**{name: getattr(model_config, name) for name in names if getattr(model_config, name, None) is not None})

    @classmethod
    def from_dict(cls, config_dict, **kwargs):
        return cls(**config_dict)

    def update(self, **kwargs):
        self.__dict__.update(kwargs)
        return {}

    def to_dict(self):
        return dict(self.__dict__)

    def validate(self, *args, **kwargs):
        pass


class BaseWatermarkingConfig:
    def __init__(self, **kwargs):
        self.__dict__.update(kwargs)


class WatermarkingConfig(BaseWatermarkingConfig):
    pass


class SynthIDTextWatermarkingConfig(BaseWatermarkingConfig):
    pass


class CompileConfig(BaseWatermarkingConfig):
    pass


class ContinuousBatchingConfig(BaseWatermarkingConfig):
    pass
