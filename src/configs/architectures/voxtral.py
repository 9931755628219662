"""Voxtral: Whisper's encoder, four of whose frames at a time are a token of a Llama."""
import torch
from torch import nn
from torch.nn import functional as F

from .parts.activations import activation
from .parts.auto import model_of
from .parts.config import Config
from .parts.heads import Model
from .parts.multimodal import MultimodalLM
from .parts.output import Output
from .qwen2_audio import Qwen2AudioEncoderLayer


class VoxtralEncoderConfig(Config):
    model_type = "voxtral_encoder"
    pre_norm = True
    attribute_map = {
        "d_model": "hidden_size",
        "encoder_layers": "num_hidden_layers",
        "encoder_attention_heads": "num_attention_heads",
        "encoder_ffn_dim": "intermediate_size",
        "encoder_layerdrop": "layerdrop",
    }
    defaults = dict(
        vocab_size=51866,
        hidden_size=1280,
        intermediate_size=5120,
        num_hidden_layers=32,
        num_attention_heads=20,
        scale_embedding=False,
        activation_function="gelu",
        num_mel_bins=128,
        max_source_positions=1500,
        attention_dropout=0.0,
        dropout=0.0,
        layerdrop=0.0,
        activation_dropout=0.0,
    )


class VoxtralConfig(Config):
    model_type = "voxtral"
    sub_configs = {"text_config": "llama", "audio_config": "voxtral_encoder"}
    defaults = dict(audio_config=None, text_config=None, audio_token_id=None, projector_hidden_act="gelu", tie_word_embeddings=False)
    #: What the text's part has where it does not say it.
    text_defaults = dict(
        vocab_size=131072,
        hidden_size=3072,
        intermediate_size=8192,
        num_hidden_layers=30,
        num_key_value_heads=8,
        max_position_embeddings=131072,
        rms_norm_eps=1e-5,
        rope_theta=100000000.0,
        head_dim=128,
    )

    def part(self, name, model_type):
        if name == "text_config" and not isinstance(self.text_config, Config):
            self.text_config = {**self.text_defaults, **(self.text_config or {})}
        return super().part(name, model_type)

    def complete(self, given):
        self.tie_word_embeddings = False
        self.hidden_size = self.text_config.hidden_size


class VoxtralEncoder(Model):
    def __init__(self, config):
        super().__init__(config)
        size = config.hidden_size
        self.conv1 = nn.Conv1d(config.num_mel_bins, size, kernel_size=3, padding=1)
        self.conv2 = nn.Conv1d(size, size, kernel_size=3, stride=2, padding=1)
        self.embed_positions = nn.Embedding(config.max_source_positions, size)
        self.embed_positions.requires_grad_(False)
        self.layers = nn.ModuleList([Qwen2AudioEncoderLayer(config, i, False) for i in range(config.num_hidden_layers)])
        self.layer_norm = nn.LayerNorm(size)

    def inputs(self):
        return {"input_features": f"float32[B, {self.config.num_mel_bins}, {self.config.max_source_positions * 2}]"}

    def forward(self, input_features=None, attention_mask=None, **kwargs):
        wanted = self.config.max_source_positions * 2
        if input_features.shape[-1] != wanted:
            raise ValueError(f"input_features has {input_features.shape[-1]} frames, but Voxtral takes {wanted}")
        input_features = input_features.to(dtype=self.conv1.weight.dtype)
        embedded = F.gelu(self.conv1(input_features))
        embedded = F.gelu(self.conv2(embedded)).permute(0, 2, 1)
        x = (embedded + self.embed_positions.weight).to(embedded.dtype)
        x = F.dropout(x, p=self.config.dropout, training=self.training)
        for layer in self.layers:
            x = layer(x, attention_mask)
        return Output(last_hidden_state=self.layer_norm(x))


class VoxtralMultiModalProjector(nn.Module):
    def __init__(self, config):
        super().__init__()
        size = config.text_config.hidden_size
        self.linear_1 = nn.Linear(config.audio_config.intermediate_size, size, bias=False)
        self.act = activation(config.projector_hidden_act)
        self.linear_2 = nn.Linear(size, size, bias=False)

    def forward(self, x):
        x = self.linear_1(x)
        x = self.act(x)
        return self.linear_2(x)


class VoxtralModel(Model):
    def __init__(self, config):
        super().__init__(config)
        self.audio_tower = VoxtralEncoder(config.audio_config)
        self.language_model = model_of(config.text_config)
        self.multi_modal_projector = VoxtralMultiModalProjector(config)

    def forward(self, input_ids=None, input_features=None, attention_mask=None, position_ids=None, past_key_values=None, inputs_embeds=None, use_cache=None, **kwargs):
        x = self.language_model.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds
        sounds = None
        if input_features is not None and input_ids is not None:
            frames = self.audio_tower(input_features).last_hidden_state
            sounds = self.multi_modal_projector(frames.reshape(-1, self.config.audio_config.intermediate_size))
            places = (input_ids == self.config.audio_token_id).unsqueeze(-1).expand_as(x)
            x = x.masked_scatter(places, sounds.to(x.dtype))
        out = self.language_model(attention_mask=attention_mask, position_ids=position_ids, past_key_values=past_key_values, inputs_embeds=x, use_cache=use_cache)
        return Output(last_hidden_state=out.last_hidden_state, past_key_values=out.past_key_values, audio_hidden_states=sounds)


class VoxtralForConditionalGeneration(MultimodalLM):
    """The output layer never shares the embedding's weights."""

    base = VoxtralModel

    def forward(self, input_ids=None, input_features=None, labels=None, logits_to_keep=0, **kwargs):
        return super().forward(input_ids, input_features, labels, logits_to_keep, **kwargs)
