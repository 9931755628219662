"""Qwen2-Audio: Whisper's encoder, halved in length, whose frames are tokens of a Qwen2."""
import torch
from torch import nn
from torch.nn import functional as F

from .parts.auto import model_of
from .parts.config import Config
from .parts.heads import Model
from .parts.masks import padding_mask
from .parts.output import Output
from .whisper import WhisperLayer


class Qwen2AudioEncoderConfig(Config):
    model_type = "qwen2_audio_encoder"
    pre_norm = True
    attribute_map = {
        "num_hidden_layers": "encoder_layers",
        "hidden_size": "d_model",
        "num_attention_heads": "encoder_attention_heads",
        "intermediate_size": "encoder_ffn_dim",
    }
    defaults = dict(
        num_mel_bins=128,
        encoder_layers=32,
        encoder_attention_heads=20,
        encoder_ffn_dim=5120,
        encoder_layerdrop=0.0,
        d_model=1280,
        dropout=0.0,
        attention_dropout=0.0,
        activation_function="gelu",
        activation_dropout=0.0,
        scale_embedding=False,
        max_source_positions=1500,
    )


class Qwen2AudioConfig(Config):
    model_type = "qwen2_audio"
    attribute_map = {"audio_token_id": "audio_token_index"}
    sub_configs = {"text_config": "qwen2", "audio_config": "qwen2_audio_encoder"}
    defaults = dict(audio_config=None, text_config=None, audio_token_index=151646)


class Qwen2AudioEncoderLayer(WhisperLayer):
    def forward(self, x, mask=None):
        x = super().forward(x, mask)
        if x.dtype == torch.float16:
            longest = torch.finfo(x.dtype).max - 1000
            x = torch.clamp(x, min=-longest, max=longest)
        return x


class Qwen2AudioEncoder(Model):
    def __init__(self, config):
        super().__init__(config)
        size = config.d_model
        self.conv1 = nn.Conv1d(config.num_mel_bins, size, kernel_size=3, padding=1)
        self.conv2 = nn.Conv1d(size, size, kernel_size=3, stride=2, padding=1)
        self.embed_positions = nn.Embedding(config.max_source_positions, size)
        self.embed_positions.requires_grad_(False)
        self.layers = nn.ModuleList([Qwen2AudioEncoderLayer(config, i, False) for i in range(config.encoder_layers)])
        self.layer_norm = nn.LayerNorm(size)
        self.avg_pooler = nn.AvgPool1d(2, stride=2)

    def inputs(self):
        return {"input_features": f"float32[B, {self.config.num_mel_bins}, {self.config.max_source_positions * 2}]"}

    def forward(self, input_features=None, attention_mask=None, **kwargs):
        wanted = self.config.max_source_positions * 2
        if input_features.shape[-1] != wanted:
            raise ValueError(f"input_features has {input_features.shape[-1]} frames, but Qwen2-Audio takes {wanted}")
        input_features = input_features.to(dtype=self.conv1.weight.dtype)
        embedded = F.gelu(self.conv1(input_features))
        embedded = F.gelu(self.conv2(embedded)).permute(0, 2, 1)
        x = embedded + self.embed_positions.weight
        x = F.dropout(x, p=self.config.dropout, training=self.training)
        for layer in self.layers:
            if not (self.training and torch.rand([]) < self.config.encoder_layerdrop):
                x = layer(x, attention_mask)
        x = self.avg_pooler(x.permute(0, 2, 1)).permute(0, 2, 1)
        return Output(last_hidden_state=self.layer_norm(x))


class Qwen2AudioMultiModalProjector(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.linear = nn.Linear(config.audio_config.d_model, config.text_config.hidden_size)

    def forward(self, x):
        return self.linear(x)


class Qwen2AudioModel(Model):
    def __init__(self, config):
        super().__init__(config)
        self.audio_tower = Qwen2AudioEncoder(config.audio_config)
        self.multi_modal_projector = Qwen2AudioMultiModalProjector(config)
        self.language_model = model_of(config.text_config)

    def sounds(self, input_features, padding, x):
        """The tokens of all sounds, one behind the other; each is taken to fill its frames."""
        mask = None
        if padding is not None:
            count = (input_features.shape[-1] - 2) // 2 + 1
            frames = (padding.sum(-1) - 1) // 2 + 1
            real = (torch.arange(count, device=x.device).unsqueeze(0) < frames.unsqueeze(1)).to(torch.long)
            like = torch.zeros((x.shape[0], count, 1), dtype=x.dtype, device=x.device)
            mask = padding_mask(self.audio_tower.config, like, real)
        out = self.multi_modal_projector(self.audio_tower(input_features, mask).last_hidden_state)
        rows = torch.arange(out.shape[0], device=out.device).repeat_interleave(out.shape[1])
        return out[rows, torch.arange(out.shape[1], device=out.device).repeat(out.shape[0])]

    def forward(self, input_ids=None, input_features=None, attention_mask=None, feature_attention_mask=None, position_ids=None, past_key_values=None, inputs_embeds=None, use_cache=None, **kwargs):
        x = inputs_embeds
        if x is None:
            x = self.language_model.embed_tokens(input_ids)
            if input_features is not None and input_ids.shape[1] != 1:
                sounds = self.sounds(input_features, feature_attention_mask, x)
                places = (input_ids == self.config.audio_token_id).unsqueeze(-1)
                x = x.masked_scatter(places, sounds.to(x.dtype))
        out = self.language_model(attention_mask=attention_mask, position_ids=position_ids, past_key_values=past_key_values, inputs_embeds=x, use_cache=use_cache)
        return Output(last_hidden_state=out.last_hidden_state, past_key_values=out.past_key_values)


class Qwen2AudioForConditionalGeneration(Model):
    """The output layer never shares the embedding's weights."""

    def __init__(self, config):
        super().__init__(config)
        self.model = Qwen2AudioModel(config)
        self.lm_head = nn.Linear(config.text_config.hidden_size, config.text_config.vocab_size, bias=False)

    def forward(self, input_ids=None, labels=None, attention_mask=None, **kwargs):
        out = self.model(input_ids, attention_mask=attention_mask, **kwargs)
        logits = self.lm_head(out.last_hidden_state)
        loss = None
        if labels is not None:
            shifted, wanted = logits[..., :-1, :], labels[..., 1:]
            if attention_mask is not None:
                real = [torch.zeros(wanted.numel(), dtype=torch.long, device=logits.device) for _ in range(2)]
                shifted, wanted = shifted[real[0], real[1]], wanted[real[0], real[1]]
            shifted, wanted = shifted.contiguous(), wanted.contiguous()
            loss = F.cross_entropy(shifted.view(-1, shifted.size(-1)), wanted.view(-1))
        return Output(loss=loss, logits=logits, past_key_values=out.past_key_values, attention_mask=attention_mask)
