"""WavLM: wav2vec 2.0 whose attention knows by gates how far two features are apart."""
import math

import torch
from torch import nn

from .parts.block import Block
from .parts.speech import FeedForward
from .parts.speech_heads import CTCHead, ClassHead, FrameHead, VoiceHead
from .wav2vec2 import SpeechEncoder, Wav2Vec2Config, Wav2Vec2Model


class WavLMConfig(Wav2Vec2Config):
    model_type = "wavlm"
    defaults = {
        **Wav2Vec2Config.defaults,
        "num_buckets": 320,
        "max_bucket_distance": 800,
        "ctc_loss_reduction": "mean",
        "num_ctc_classes": 80,
    }


class WavLMAttention(nn.Module):
    """Scores shifted by a bias for each distance, which gates of each feature make larger or smaller."""

    def __init__(self, config, first):
        super().__init__()
        size = config.hidden_size
        self.config, self.heads = config, config.num_attention_heads
        self.k_proj = nn.Linear(size, size)
        self.v_proj = nn.Linear(size, size)
        self.q_proj = nn.Linear(size, size)
        self.out_proj = nn.Linear(size, size)
        self.gru_rel_pos_const = nn.Parameter(torch.ones(1, self.heads, 1, 1))
        self.gru_rel_pos_linear = nn.Linear(size // self.heads, 8)
        if first:
            self.rel_attn_embed = nn.Embedding(config.num_buckets, self.heads)

    def distances(self, length):
        """`[heads, length, length]`: the learned bias for each distance, exact for near ones and logarithmic for far ones."""
        places = torch.arange(length, dtype=torch.long)
        apart = places[None, :] - places[:, None]
        count = self.config.num_buckets // 2
        exact = count // 2
        buckets = (apart > 0).to(torch.long) * count
        apart = torch.abs(apart)
        far = torch.log(apart.float() / exact) / math.log(self.config.max_bucket_distance / exact) * (count - exact)
        far = (exact + far).to(torch.long)
        far = torch.min(far, torch.full_like(far, count - 1))
        buckets += torch.where(apart < exact, apart, far)
        buckets = buckets.to(self.rel_attn_embed.weight.device)
        return self.rel_attn_embed(buckets).permute([2, 0, 1])

    def forward(self, x, mask=None, bias=None):
        batch, length, size = x.size()
        if bias is None:
            bias = self.distances(length)
            bias = bias.unsqueeze(0).repeat(batch, 1, 1, 1).view(batch * self.heads, length, length)
        split = x.view(batch, length, self.heads, -1)
        split = split.permute(0, 2, 1, 3)
        gates = self.gru_rel_pos_linear(split)
        gates = gates.view(split.shape[:-1] + (2, 4)).sum(-1)
        first, second = torch.sigmoid(gates).chunk(2, dim=-1)
        gate = first * (second * self.gru_rel_pos_const - 1.0) + 2.0
        gated = gate.view(batch * self.heads, -1, 1) * bias
        gated = gated.view((-1, length, length))
        out, weights = self.attended(x, mask, gated)
        return out, weights, bias

    def attended(self, x, mask, gated):
        turned = x.transpose(0, 1)
        hidden = None if mask is None else mask.ne(1)
        out, weights = nn.functional.multi_head_attention_forward(
            turned,
            turned,
            turned,
            x.shape[2],
            self.heads,
            torch.empty([0]),
            torch.cat((self.q_proj.bias, self.k_proj.bias, self.v_proj.bias)),
            None,
            None,
            False,
            self.config.attention_dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            self.training,
            hidden,
            need_weights=True,
            attn_mask=gated,
            use_separate_proj_weight=True,
            q_proj_weight=self.q_proj.weight,
            k_proj_weight=self.k_proj.weight,
            v_proj_weight=self.v_proj.weight,
        )
        return out.transpose(0, 1), weights


class WavLMLayer(Block):
    """Attention and feed-forward, each normed behind, or before where the config says stable."""

    def __init__(self, config, first):
        super().__init__()
        self.stable = config.do_stable_layer_norm
        self.attention = WavLMAttention(config, first)
        self.dropout = nn.Dropout(config.hidden_dropout)
        self.layer_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.feed_forward = FeedForward(config)
        self.final_layer_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, x, mask=None, bias=None):
        before = x
        if self.stable:
            x = self.layer_norm(x)
        x, weights, bias = self.attention(x, mask, bias)
        x = self.dropout(x)
        x = before + x
        if self.stable:
            return x + self.feed_forward(self.final_layer_norm(x)), bias
        x = self.layer_norm(x)
        x = x + self.feed_forward(x)
        return self.final_layer_norm(x), bias


class WavLMEncoder(SpeechEncoder):
    def layer(self, config, index):
        return WavLMLayer(config, index == 0)

    def forward(self, x, mask=None, states=None):
        x, bias = self.placed(x, mask), None
        if states is not None:
            states.append(x)
        for i, layer in enumerate(self.layers):
            chance = torch.rand([])
            if not (self.training and i > 0 and chance < self.config.layerdrop):
                x, bias = layer(x, mask, bias)
                if states is not None:
                    states.append(x)
        return self.layer_norm(x) if self.config.do_stable_layer_norm else x


class WavLMModel(Wav2Vec2Model):
    encoder_class = WavLMEncoder


class WavLMForCTC(CTCHead):
    base, name = WavLMModel, "wavlm"


class WavLMForSequenceClassification(ClassHead):
    base, name = WavLMModel, "wavlm"


class WavLMForAudioFrameClassification(FrameHead):
    base, name = WavLMModel, "wavlm"


class WavLMForXVector(VoiceHead):
    base, name = WavLMModel, "wavlm"
