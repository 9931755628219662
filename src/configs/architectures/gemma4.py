"""Gemma 4 as a whole: its language model, and encoders of images and of sounds where the config has them."""
import torch
from torch import nn

from .gemma4_text import Gemma4RMSNorm
from .gemma4_vision import all_of
from .parts.auto import model_of
from .parts.config import Config
from .parts.heads import Model
from .parts.losses import causal_loss
from .parts.output import Output


class Gemma4Config(Config):
    """No `vision_config`, no images; no `audio_config`, no sounds."""

    model_type = "gemma4"
    sub_configs = {"text_config": "gemma4_text", "vision_config": "gemma4_vision", "audio_config": "gemma4_audio"}
    defaults = dict(
        text_config=None,
        vision_config=None,
        audio_config=None,
        boi_token_id=255999,
        eoi_token_id=258882,
        image_token_id=258880,
        video_token_id=258884,
        boa_token_id=256000,
        eoa_token_index=258883,
        audio_token_id=258881,
    )

    def part(self, name, model_type):
        given = name == "text_config" or getattr(self, name) is not None
        return super().part(name, model_type) if given else None


class Gemma4MultimodalEmbedder(nn.Module):
    """Tokens of an encoder, normalised and brought to the text's width."""

    def __init__(self, config, text):
        super().__init__()
        size = config.output_proj_dims or config.hidden_size
        self.embedding_projection = nn.Linear(size, text.hidden_size, bias=False)
        self.embedding_pre_projection_norm = Gemma4RMSNorm(size, config.rms_norm_eps, scaled=False)

    def forward(self, x):
        return self.embedding_projection(self.embedding_pre_projection_norm(x))


class Gemma4Model(Model):
    """The tokens of images, videos and sounds take the place of theirs in the text, those of padding counted as well: how many it has, values say."""

    def __init__(self, config):
        super().__init__(config)
        text, vision, audio = config.text_config, config.vision_config, config.audio_config
        self.vision_tower = None if vision is None else model_of(vision)
        self.language_model = model_of(text)
        self.audio_tower = None if audio is None else model_of(audio)
        self.embed_vision = None if vision is None else Gemma4MultimodalEmbedder(vision, text)
        self.embed_audio = None if audio is None else Gemma4MultimodalEmbedder(audio, text)

    def image_features(self, pixel_values, places):
        """The tokens of all images, or of all frames of all videos, one behind the other."""
        if self.vision_tower is None:
            raise ValueError("images are given, but the config has no vision_config")
        if places is None:
            raise ValueError("images are given without the places of their patches (image_position_ids, video_position_ids)")
        count = pixel_values.shape[0]
        if pixel_values.dim() == 4:
            pixel_values, places = pixel_values.flatten(0, 1), places.flatten(0, 1)
        out = self.embed_vision(self.vision_tower(pixel_values, places).last_hidden_state)
        return torch.cat(torch.split(out, out.shape[0] // count), dim=0)

    def sound_features(self, input_features, real):
        if self.audio_tower is None:
            raise ValueError("input_features are given, but the config has no audio_config")
        return all_of(self.embed_audio(self.audio_tower(input_features, real).last_hidden_state))

    def forward(self, input_ids=None, pixel_values=None, pixel_values_videos=None, input_features=None, attention_mask=None, input_features_mask=None, position_ids=None, past_key_values=None, mm_token_type_ids=None, inputs_embeds=None, use_cache=None, image_position_ids=None, video_position_ids=None, per_layer_inputs=None, **kwargs):
        config, x = self.config, inputs_embeds
        if mm_token_type_ids is not None and config.text_config.sees_images:
            raise NotImplementedError("use_bidirectional_attention 'vision' with mm_token_type_ids is not defined: which tokens see each other depends on their values")
        if input_ids is None and (pixel_values is not None or pixel_values_videos is not None or input_features is not None):
            raise NotImplementedError("images, videos and sounds are defined beside input_ids only, which say where their tokens stand")
        if x is None:
            seen, filmed, heard = (input_ids == token for token in (config.image_token_id, config.video_token_id, config.audio_token_id))
            foreign = seen | filmed | heard
            tokens = torch.where(foreign, config.text_config.pad_token_id, input_ids.clone())
            x = self.language_model.embed_tokens(tokens)
            if config.text_config.hidden_size_per_layer_input:
                padding = self.language_model.embed_tokens.weight[config.text_config.pad_token_id, :]
                # Nothing reads it where the tokens are known, but it is held while the language model runs.
                blanked = torch.where(foreign[..., None], padding.view(1, 1, -1), x)
                per_layer_inputs = self.language_model.own_embeddings(tokens)
        images = None
        if pixel_values is not None:
            images = self.image_features(pixel_values, image_position_ids).to(x.dtype)
            x = x.masked_scatter(seen.unsqueeze(-1).expand_as(x), images)
        if pixel_values_videos is not None:
            films = self.image_features(pixel_values_videos, video_position_ids).to(x.dtype)
            x = x.masked_scatter(filmed.unsqueeze(-1).expand_as(x), films)
        if input_features is not None and input_features_mask is not None:
            sounds = self.sound_features(input_features, input_features_mask)
            x = x.masked_scatter(heard.unsqueeze(-1).expand_as(x), sounds.to(x.dtype))
        out = self.language_model(attention_mask=attention_mask, position_ids=position_ids, past_key_values=past_key_values, inputs_embeds=x, use_cache=use_cache, per_layer_inputs=per_layer_inputs)
        return Output(last_hidden_state=out.last_hidden_state, past_key_values=out.past_key_values, image_hidden_states=images)


class Gemma4ForConditionalGeneration(Model):
    def __init__(self, config):
        super().__init__(config)
        self.model = Gemma4Model(config)
        text = config.text_config
        self.lm_head = nn.Linear(text.hidden_size, text.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.model.language_model.embed_tokens.weight

    def forward(self, input_ids=None, labels=None, logits_to_keep=0, **kwargs):
        out = self.model(input_ids, **kwargs)
        text = self.config.text_config
        logits = self.lm_head(out.last_hidden_state[:, -logits_to_keep:, :])
        if text.final_logit_softcapping is not None:
            logits = logits / text.final_logit_softcapping
            logits = torch.tanh(logits)
            logits = logits * text.final_logit_softcapping
        loss = None if labels is None else causal_loss(logits, labels, text.vocab_size)
        return Output(loss=loss, logits=logits, past_key_values=out.past_key_values, image_hidden_states=out.image_hidden_states)
