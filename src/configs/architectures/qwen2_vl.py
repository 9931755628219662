"""Qwen2-VL: Qwen2 with positions in time, rows and columns, which reads images and videos of any size."""
import torch
from torch import nn

from .parts.activations import activation
from .parts.config import Config
from .parts.grids import CubeEmbed, GridBlock, GridModel, GridRotary, frame_lengths, grid_places, read_grids
from .parts.heads import Model
from .parts.multimodal import MultimodalLM
from .parts.multirotary import MultiDecoder
from .parts.output import Output
from .qwen2 import Qwen2Config, Qwen2DecoderLayer


class GridVisionConfig(Config):
    """An image encoder's config, whose positions are rows and columns."""

    attribute_map = {"num_attention_heads": "num_heads"}

    def complete(self, given):
        self.width = self.hidden_size if self.embed_dim is None else self.embed_dim
        kind = (self.rope_parameters or {}).get("rope_type", "axial")
        if kind != "axial":
            raise ValueError(f"rope_type {kind!r} of the vision encoder is not axial")


class Qwen2VLVisionConfig(GridVisionConfig):
    defaults = dict(
        depth=32,
        embed_dim=1280,
        hidden_size=3584,
        hidden_act="quick_gelu",
        mlp_ratio=4,
        num_heads=16,
        in_channels=3,
        patch_size=14,
        spatial_merge_size=2,
        temporal_patch_size=2,
    )


class Qwen2VLTextConfig(Qwen2Config):
    model_type = "qwen2_vl_text"
    whole_heads = True
    rope_theta = 1000000.0
    defaults = dict(
        Qwen2Config.defaults,
        vocab_size=152064,
        hidden_size=8192,
        intermediate_size=29568,
        num_hidden_layers=80,
        num_attention_heads=64,
        num_key_value_heads=8,
        rms_norm_eps=1e-5,
        max_window_layers=80,
    )

    def rope_entry(self, own, base):
        entry = super().rope_entry(own, base)
        return {**entry, "rope_type": "default"} if entry["rope_type"] == "mrope" else entry


class Qwen2VLConfig(Config):
    """The text's values stand in a part of their own, or in older files beside the vision encoder's part."""

    model_type = "qwen2_vl"
    sub_configs = {"vision_config": Qwen2VLVisionConfig, "text_config": Qwen2VLTextConfig}
    defaults = dict(
        text_config=None,
        vision_config=None,
        image_token_id=151655,
        video_token_id=151656,
        tie_word_embeddings=False,
    )

    def part(self, name, model_type):
        if name == "text_config" and self.text_config is None:
            keys = [*Qwen2VLTextConfig.defaults, "layer_types", "pad_token_id", "rope_parameters", "rope_scaling", "rope_theta"]
            flat = {key: getattr(self, key) for key in keys if key != "tie_word_embeddings"}
            self.text_config = {key: value for key, value in flat.items() if value is not None}
        return super().part(name, model_type)

    def complete(self, given):
        self.tie_word_embeddings = self.tie_word_embeddings or bool(self.text_config.tie_word_embeddings)


class Qwen2VLVisionMLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        inner = int(config.width * config.mlp_ratio)
        self.fc1 = nn.Linear(config.width, inner)
        self.act = activation(config.hidden_act)
        self.fc2 = nn.Linear(inner, config.width)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


class PatchMerger(nn.Module):
    """Neighbouring patches become one token of the text's width."""

    def __init__(self, config, out, norm):
        super().__init__()
        self.size = config.width * config.spatial_merge_size**2
        self.ln_q = norm(config.width, eps=1e-6)
        self.mlp = nn.Sequential(nn.Linear(self.size, self.size), nn.GELU(), nn.Linear(self.size, out))

    def forward(self, x):
        return self.mlp(self.ln_q(x).view(-1, self.size))


class Qwen2VisionTransformerPretrainedModel(GridModel):
    def __init__(self, config):
        super().__init__(config)
        self.patch_embed = CubeEmbed(config)
        self.rotary_pos_emb = GridRotary(config)
        self.blocks = nn.ModuleList([GridBlock(config, nn.LayerNorm, Qwen2VLVisionMLP) for _ in range(config.depth)])
        self.merger = PatchMerger(config, config.hidden_size, nn.LayerNorm)

    def forward(self, hidden_states=None, grid_thw=None, **kwargs):
        grids = read_grids(grid_thw, hidden_states)
        places = grid_places(grids, self.config.spatial_merge_size, hidden_states.device)
        lengths = frame_lengths(grids)
        x = self.patch_embed(hidden_states)
        positions = self.rotary_pos_emb(x, places)
        for block in self.blocks:
            x = block(x, lengths, positions)
        return Output(last_hidden_state=x, pooler_output=self.merger(x))


class Qwen2VLTextModel(MultiDecoder):
    layer_class = Qwen2DecoderLayer


class Qwen2VLModel(Model):
    vision_class = Qwen2VisionTransformerPretrainedModel
    text_class = Qwen2VLTextModel

    def __init__(self, config):
        super().__init__(config)
        self.visual = self.vision_class(config.vision_config)
        self.language_model = self.text_class(config.text_config)

    def placed(self, x, input_ids, token, patches, grids):
        """The embeddings with the tokens of images where `token` stands, and what the vision encoder hands on besides."""
        grids = read_grids(grids)
        out = self.visual(patches.to(next(self.visual.parameters()).dtype), grids)
        merged = self.config.vision_config.spatial_merge_size**2
        tokens = torch.cat(torch.split(out.pooler_output, [frames * height * width // merged for frames, height, width in grids]), dim=0)
        places = (input_ids == token).unsqueeze(-1)
        return x.masked_scatter(places, tokens.to(x.dtype)), out.deepstack_features

    def forward(self, input_ids=None, pixel_values=None, attention_mask=None, position_ids=None, past_key_values=None, inputs_embeds=None, use_cache=None, pixel_values_videos=None, image_grid_thw=None, video_grid_thw=None, **kwargs):
        x = self.language_model.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds
        config, deep = self.config, []
        given = ((config.image_token_id, pixel_values, image_grid_thw), (config.video_token_id, pixel_values_videos, video_grid_thw))
        for token, patches, grids in given:
            if patches is not None:
                x, deeper = self.placed(x, input_ids, token, patches, grids)
                deep.append(deeper)
        if deep and position_ids is None:
            position_ids = torch.arange(x.shape[1], device=x.device).view(1, 1, -1).repeat(3, x.shape[0], 1)
        out = self.read(x, deep, attention_mask=attention_mask, position_ids=position_ids, past_key_values=past_key_values, use_cache=use_cache)
        return Output(last_hidden_state=out.last_hidden_state, past_key_values=out.past_key_values)

    def read(self, x, deep, **kwargs):
        return self.language_model(inputs_embeds=x, **kwargs)


class Qwen2VLForConditionalGeneration(MultimodalLM):
    base = Qwen2VLModel
