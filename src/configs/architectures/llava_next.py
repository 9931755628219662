"""LLaVA-NeXT: LLaVA that reads large images square by square, with a learned mark at the end of each row of patches."""
import torch
from torch import nn

from .llava import LlavaConfig, LlavaModel
from .parts.anyres import joined, rows_marked, square_count
from .parts.multimodal import MultimodalLM
from .parts.output import Output


class LlavaNextConfig(LlavaConfig):
    model_type = "llava_next"
    defaults = dict(LlavaConfig.defaults, image_grid_pinpoints=None)
    #: The sizes offered where the file names none.
    offered = [[336, 672], [672, 336], [672, 672], [1008, 336], [336, 1008]]

    def complete(self, given):
        if self.image_grid_pinpoints is None:
            self.image_grid_pinpoints = self.offered


class LlavaNextModel(LlavaModel):
    def __init__(self, config):
        super().__init__(config)
        self.image_newline = nn.Parameter(torch.randn(config.text_config.hidden_size))

    def squares(self, pixel_values, image_sizes, whole=()):
        """The tokens of each image; those that `whole` names are not cut up."""
        if image_sizes is None:
            raise ValueError("image_sizes is not given: how many tokens an image takes depends on its height and width")
        config, sizes = self.config, image_sizes.tolist() if isinstance(image_sizes, torch.Tensor) else image_sizes
        counts = [square_count(size, config.image_grid_pinpoints, config.vision_config.image_size) for size in sizes]
        counts = [1 if i in whole else count for i, count in enumerate(counts)]
        if pixel_values.dim() == 5:
            pixel_values = torch.cat([one[:count] for one, count in zip(pixel_values, counts)], dim=0)
        elif pixel_values.dim() != 4:
            raise ValueError(f"pixel_values has {pixel_values.dim()} axes, not 4 or 5")
        x = self.image_features(pixel_values)
        return [self.packed(one, size) for one, size in zip(torch.split(x, counts, dim=0), sizes)]

    def packed(self, squares, size):
        if squares.shape[0] == 1:
            return torch.cat((squares[0], self.image_newline[None].to(squares.dtype)), dim=0)
        config = self.config
        x = self.shrunk(joined(squares[1:], size, config.vision_config, config.image_grid_pinpoints))
        return torch.cat((squares[0], rows_marked(x, self.image_newline)), dim=0)

    def shrunk(self, x):
        return x

    def forward(self, input_ids=None, pixel_values=None, image_sizes=None, batch_num_images=None, pixel_values_videos=None, attention_mask=None, position_ids=None, past_key_values=None, inputs_embeds=None, use_cache=None, **kwargs):
        x = self.language_model.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds
        config, images, videos = self.config, None, None
        if pixel_values is not None:
            alone = [count == 1 for count in batch_num_images or [] for _ in range(count)]
            whole = [i for i, one in enumerate(alone) if not one]
            images = torch.cat(self.squares(pixel_values, image_sizes, whole), dim=0).to(x.dtype)
            x = x.masked_scatter((input_ids == config.image_token_id).unsqueeze(-1), images)
        if pixel_values_videos is not None:
            videos = self.frames(pixel_values_videos).to(x.dtype)
            x = x.masked_scatter((input_ids == config.video_token_id).unsqueeze(-1), videos)
        out = self.language_model(attention_mask=attention_mask, position_ids=position_ids, past_key_values=past_key_values, inputs_embeds=x, use_cache=use_cache)
        return Output(last_hidden_state=out.last_hidden_state, past_key_values=out.past_key_values, image_hidden_states=images, video_hidden_states=videos)


class LlavaNextForConditionalGeneration(MultimodalLM):
    base = LlavaNextModel
