"""Video-LLaVA: LLaVA with a second image encoder for the frames of videos."""
import torch

from .llava import LlavaConfig, LlavaMultiModalProjector
from .parts.auto import model_of
from .parts.heads import Model
from .parts.losses import causal_loss
from .parts.multimodal import MultimodalLM
from .parts.output import Output


class VideoLlavaConfig(LlavaConfig):
    model_type = "video_llava"
    attribute_map = {"image_token_id": "image_token_index", "video_token_id": "video_token_index"}
    sub_defaults = {"vision_config": dict(LlavaConfig.sub_defaults["vision_config"], image_size=224)}
    defaults = dict(LlavaConfig.defaults, video_token_index=32001)


class VideoLlavaModel(Model):
    def __init__(self, config):
        super().__init__(config)
        self.video_tower = model_of(config.vision_config)
        self.image_tower = model_of(config.vision_config)
        self.multi_modal_projector = LlavaMultiModalProjector(config)
        self.language_model = model_of(config.text_config)

    def features(self, tower, pixel_values, first):
        """The chosen layers' patches from the `first` on, through the projector."""
        states = []
        tower(pixel_values, states=states)
        layers = self.config.vision_feature_layer
        chosen = [states[i][:, first:] for i in ([layers] if isinstance(layers, int) else layers)]
        return self.multi_modal_projector(torch.cat(chosen, dim=-1) if len(chosen) > 1 else chosen[0])

    def forward(self, input_ids=None, pixel_values_images=None, pixel_values_videos=None, attention_mask=None, position_ids=None, past_key_values=None, inputs_embeds=None, use_cache=None, **kwargs):
        x = self.language_model.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds
        config, images, videos = self.config, None, None
        if pixel_values_images is not None:
            first = 1 if config.vision_feature_select_strategy == "default" else 0
            images = self.features(self.image_tower, pixel_values_images, first)
            x = x.masked_scatter((input_ids == config.image_token_id).unsqueeze(-1), images.to(x.dtype))
        if pixel_values_videos is not None:
            frames = pixel_values_videos.flatten(0, 1)
            videos = self.features(self.video_tower, frames, 0)
            x = x.masked_scatter((input_ids == config.video_token_id).unsqueeze(-1), videos.to(x.dtype))
        out = self.language_model(attention_mask=attention_mask, position_ids=position_ids, past_key_values=past_key_values, inputs_embeds=x, use_cache=use_cache)
        return Output(last_hidden_state=out.last_hidden_state, past_key_values=out.past_key_values, image_hidden_states=images, video_hidden_states=videos)


class VideoLlavaForConditionalGeneration(MultimodalLM):
    base = VideoLlavaModel

    def forward(self, input_ids=None, labels=None, logits_to_keep=0, **kwargs):
        out = self.model(input_ids, **kwargs)
        logits = self.lm_head(out.last_hidden_state[:, -logits_to_keep:, :])
        loss = None if labels is None else causal_loss(logits, labels, self.config.text_config.vocab_size)
        return Output(loss=loss, logits=logits, past_key_values=out.past_key_values, image_hidden_states=out.image_hidden_states, video_hidden_states=out.video_hidden_states)
