"""Qwen3-VL: Qwen3 with positions in time, rows and columns; what the image encoder saw halfway is added to the text's first layers."""
import torch
from torch import nn

from .parts.activations import activation
from .parts.config import Config
from .parts.grids import CubeEmbed, GridBlock, GridModel, GridRotary, frame_lengths, grid_places, read_grids
from .parts.multimodal import MultimodalLM
from .parts.multirotary import InterleavedRotaryEmbedding, MultiDecoder
from .parts.output import Output
from .qwen2_vl import GridVisionConfig, Qwen2VLModel
from .qwen3 import Qwen3DecoderLayer


class Qwen3VLVisionConfig(GridVisionConfig):
    model_type = "qwen3_vl_vision"
    defaults = dict(
        depth=27,
        hidden_size=1152,
        hidden_act="gelu_pytorch_tanh",
        intermediate_size=4304,
        num_heads=16,
        in_channels=3,
        patch_size=16,
        spatial_merge_size=2,
        temporal_patch_size=2,
        out_hidden_size=3584,
        num_position_embeddings=2304,
        deepstack_visual_indexes=[8, 16, 24],
    )


class Qwen3VLTextConfig(Config):
    model_type = "qwen3_vl_text"
    rope_theta = 500000.0
    defaults = dict(
        vocab_size=151936,
        hidden_size=4096,
        intermediate_size=22016,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=32,
        head_dim=128,
        hidden_act="silu",
        max_position_embeddings=128000,
        rms_norm_eps=1e-6,
        attention_bias=False,
        attention_dropout=0.0,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads


class Qwen3VLConfig(Config):
    model_type = "qwen3_vl"
    sub_configs = {"vision_config": Qwen3VLVisionConfig, "text_config": Qwen3VLTextConfig}
    defaults = dict(
        text_config=None,
        vision_config=None,
        image_token_id=151655,
        video_token_id=151656,
        tie_word_embeddings=False,
    )


class Qwen3VLVisionMLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.linear_fc1 = nn.Linear(config.hidden_size, config.intermediate_size)
        self.linear_fc2 = nn.Linear(config.intermediate_size, config.hidden_size)
        self.act_fn = activation(config.hidden_act)

    def forward(self, x):
        return self.linear_fc2(self.act_fn(self.linear_fc1(x)))


class Qwen3VLVisionPatchMerger(nn.Module):
    """Neighbouring patches become one token of the text's width; `whole`: they are normalised together."""

    def __init__(self, config, whole=False):
        super().__init__()
        self.size = config.hidden_size * config.spatial_merge_size**2
        self.whole = whole
        self.norm = nn.LayerNorm(self.size if whole else config.hidden_size, eps=1e-6)
        self.linear_fc1 = nn.Linear(self.size, self.size)
        self.act_fn = nn.GELU()
        self.linear_fc2 = nn.Linear(self.size, config.out_hidden_size)

    def forward(self, x):
        x = self.norm(x.view(-1, self.size) if self.whole else x).view(-1, self.size)
        return self.linear_fc2(self.act_fn(self.linear_fc1(x)))


class Qwen3VLVisionModel(GridModel):
    def __init__(self, config):
        super().__init__(config)
        self.patch_embed = CubeEmbed(config, bias=True)
        self.pos_embed = nn.Embedding(config.num_position_embeddings, config.hidden_size)
        self.rotary_pos_emb = GridRotary(config)
        self.blocks = nn.ModuleList([GridBlock(config, nn.LayerNorm, Qwen3VLVisionMLP) for _ in range(config.depth)])
        self.merger = Qwen3VLVisionPatchMerger(config)
        count = len(config.deepstack_visual_indexes)
        self.deepstack_merger_list = nn.ModuleList([Qwen3VLVisionPatchMerger(config, whole=True) for _ in range(count)])

    def places(self, count, device):
        """Between which four learned positions each patch lies, and how near to each; which they are costs nothing."""
        corners = torch.zeros((count, 4), dtype=torch.long, device=device)
        return (self.pos_embed(corners) * torch.ones((count, 4), device=device)[:, :, None]).sum(1)

    def forward(self, hidden_states=None, grid_thw=None, **kwargs):
        """The tokens of all images, and those of the layers that `deepstack_visual_indexes` names."""
        config, grids = self.config, read_grids(grid_thw, hidden_states)
        lengths = frame_lengths(grids)
        x = self.patch_embed(hidden_states)
        x = x + self.places(x.shape[0], x.device).to(x.dtype)
        positions = self.rotary_pos_emb(x, grid_places(grids, config.spatial_merge_size, x.device))
        x = x.reshape(x.shape[0], -1)
        deep = []
        for i, block in enumerate(self.blocks):
            x = block(x, lengths, positions)
            if i in config.deepstack_visual_indexes:
                deep.append(self.deepstack_merger_list[config.deepstack_visual_indexes.index(i)](x))
        return Output(last_hidden_state=x, pooler_output=self.merger(x), deepstack_features=deep)


class DeepDecoder(MultiDecoder):
    """A decoder to whose first layers' results the image encoder's halfway tokens are added, where images are."""

    searches = True
    deep = ()

    def rotary(self, config):
        return InterleavedRotaryEmbedding(config)

    def forward(self, *args, deep=(), **kwargs):
        self.deep = deep
        out = super().forward(*args, **kwargs)
        self.deep = ()
        return out

    def step(self, i, layer, x, *args):
        x = super().step(i, layer, x, *args)
        return self.deepened(x, self.deep[i]) if i < len(self.deep) else x

    def deepened(self, x, tokens):
        """The tokens added; where they stand costs nothing, only how many they are."""
        tokens = tokens.to(x.dtype)
        x = x.clone()
        rows, columns = (torch.zeros(tokens.shape[0], dtype=torch.long, device=x.device) for _ in range(2))
        x[rows, columns] = x[rows, columns] + tokens
        return x


class Qwen3VLTextModel(DeepDecoder):
    layer_class = Qwen3DecoderLayer


class Qwen3VLModel(Qwen2VLModel):
    vision_class = Qwen3VLVisionModel
    text_class = Qwen3VLTextModel

    def read(self, x, deep, **kwargs):
        if len(deep) == 2:
            images, videos = deep
            deep = [torch.cat(pair, dim=0) for pair in zip(images, videos)]
        elif deep:
            deep = deep[0]
        return self.language_model(inputs_embeds=x, deep=deep, **kwargs)


class Qwen3VLForConditionalGeneration(MultimodalLM):
    base = Qwen3VLModel
