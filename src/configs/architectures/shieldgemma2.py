"""ShieldGemma 2: Gemma 3 that says yes or no to a policy about an image."""
import torch

from .gemma3 import Gemma3Config, Gemma3ForConditionalGeneration as Gemma3Whole
from .parts.heads import Model
from .parts.output import Output


class ShieldGemma2Config(Gemma3Config):
    model_type = "shieldgemma2"
    defaults = dict(Gemma3Config.defaults, boi_token_index=255999, eoi_token_index=256000, yes_token_index=10784, no_token_index=3771)


class Gemma3ForConditionalGeneration(Gemma3Whole):
    """The language model that the classifier asks."""


class ShieldGemma2ForImageClassification(Model):
    """How likely the next token is yes, and how likely no."""

    def __init__(self, config):
        super().__init__(config)
        self.model = Gemma3ForConditionalGeneration(config)

    def targets(self):
        return {}

    def forward(self, input_ids=None, pixel_values=None, **kwargs):
        logits = self.model(input_ids, pixel_values, **kwargs).logits
        chosen = logits[:, -1, [self.config.yes_token_index, self.config.no_token_index]]
        chances = torch.softmax(chosen, dim=-1)
        return Output(logits=chosen, probabilities=chances)
