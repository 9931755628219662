"""Qwen2.5-VL: Qwen2-VL whose image encoder looks at windows in most of its layers."""
import torch
from torch import nn

from .parts.attention import RMSNorm
from .parts.decoder import GatedMLP
from .parts.grids import CubeEmbed, GridBlock, GridModel, GridRotary, frame_lengths, grid_places, read_grids
from .parts.multimodal import MultimodalLM
from .parts.output import Output
from .qwen2_vl import GridVisionConfig, PatchMerger, Qwen2VLConfig, Qwen2VLModel, Qwen2VLTextConfig, Qwen2VLTextModel


class Qwen2_5_VLVisionConfig(GridVisionConfig):
    defaults = dict(
        depth=32,
        hidden_size=3584,
        hidden_act="silu",
        intermediate_size=3420,
        num_heads=16,
        in_channels=3,
        patch_size=14,
        spatial_merge_size=2,
        temporal_patch_size=2,
        window_size=112,
        out_hidden_size=3584,
        fullatt_block_indexes=[7, 15, 23, 31],
    )


class Qwen2_5_VLTextConfig(Qwen2VLTextConfig):
    model_type = "qwen2_5_vl_text"


class Qwen2_5_VLConfig(Qwen2VLConfig):
    model_type = "qwen2_5_vl"
    sub_configs = {"vision_config": Qwen2_5_VLVisionConfig, "text_config": Qwen2_5_VLTextConfig}


def window_lengths(config, grids):
    """Patches of each window of each frame; those at the edges are smaller."""
    merge = config.spatial_merge_size
    step = config.window_size // merge // config.patch_size
    lengths = []
    for frames, height, width in grids:
        rows, columns = ([min(step, count - i) for i in range(0, count, step)] for count in (height // merge, width // merge))
        lengths += [tall * wide * merge**2 for tall in rows for wide in columns] * frames
    return lengths


class Qwen2_5_VisionTransformerPretrainedModel(GridModel):
    def __init__(self, config):
        super().__init__(config)
        self.patch_embed = CubeEmbed(config)
        self.rotary_pos_emb = GridRotary(config)
        self.blocks = nn.ModuleList([GridBlock(config, RMSNorm, lambda one: GatedMLP(one, bias=True)) for _ in range(config.depth)])
        self.merger = PatchMerger(config, config.out_hidden_size, RMSNorm)

    def sorted(self, x, order):
        """Tokens of one window side by side."""
        count, unit = x.shape[0], self.config.spatial_merge_size**2
        return x.reshape(count // unit, unit, -1)[order, :, :].reshape(count, -1)

    def forward(self, hidden_states=None, grid_thw=None, **kwargs):
        config, grids = self.config, read_grids(grid_thw, hidden_states)
        places = grid_places(grids, config.spatial_merge_size, hidden_states.device)
        frames, windows = frame_lengths(grids), window_lengths(config, grids)
        x = self.patch_embed(hidden_states)
        order = torch.arange(x.shape[0] // config.spatial_merge_size**2)
        x = self.sorted(x, order)
        positions = tuple(self.sorted(one, order) for one in self.rotary_pos_emb(x, places))
        for i, block in enumerate(self.blocks):
            x = block(x, frames if i in config.fullatt_block_indexes else windows, positions)
        back = torch.argsort(order)
        merged = self.merger(x)
        return Output(last_hidden_state=x, pooler_output=merged[back, :])


class Qwen2_5_VLTextModel(Qwen2VLTextModel):
    pass


class Qwen2_5_VLModel(Qwen2VLModel):
    vision_class = Qwen2_5_VisionTransformerPretrainedModel
    text_class = Qwen2_5_VLTextModel


class Qwen2_5_VLForConditionalGeneration(MultimodalLM):
    base = Qwen2_5_VLModel
