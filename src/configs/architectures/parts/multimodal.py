"""A language model that reads images as well: what they have in common, whatever joins the two."""
from torch import nn

from .auto import model_of
from .heads import Model
from .losses import causal_loss
from .output import Output


class Multimodal(Model):
    """An image encoder, a projector, and a language model; image features take the place of image tokens."""

    def __init__(self, config):
        super().__init__(config)
        self.vision_tower = model_of(config.vision_config)
        self.multi_modal_projector = self.projector(config)
        self.language_model = model_of(config.text_config)

    def image_features(self, pixel_values):
        return self.multi_modal_projector(self.vision_tower(pixel_values).last_hidden_state)

    def forward(self, input_ids=None, pixel_values=None, attention_mask=None, position_ids=None, past_key_values=None, inputs_embeds=None, use_cache=None, **kwargs):
        x = self.language_model.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds
        images = None
        if pixel_values is not None:
            images = self.image_features(pixel_values)
            places = (input_ids == self.config.image_token_id).unsqueeze(-1)
            x = x.masked_scatter(places, images.to(x.dtype))
        out = self.language_model(attention_mask=attention_mask, position_ids=position_ids, past_key_values=past_key_values, inputs_embeds=x, use_cache=use_cache)
        return Output(last_hidden_state=out.last_hidden_state, past_key_values=out.past_key_values, image_hidden_states=images)


class MultimodalLM(Model):
    """Logits over the vocabulary on top of it."""

    base = None

    def __init__(self, config):
        super().__init__(config)
        self.model = self.base(config)
        text = config.text_config
        self.lm_head = nn.Linear(text.hidden_size, text.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.model.language_model.embed_tokens.weight

    def forward(self, input_ids=None, pixel_values=None, labels=None, logits_to_keep=0, **kwargs):
        out = self.model(input_ids, pixel_values, **kwargs)
        logits = self.lm_head(out.last_hidden_state[:, -logits_to_keep:, :])
        loss = None if labels is None else causal_loss(logits, labels, self.config.text_config.vocab_size)
        return Output(loss=loss, logits=logits, past_key_values=out.past_key_values, image_hidden_states=out.image_hidden_states)
