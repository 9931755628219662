"""DeBERTa: BERT whose attention weighs words and distances apart."""
import torch
from torch import nn

from .parts.disentangled import DisentangledConfig, DisentangledModel, Encoder, Layer, root
from .parts.disentangled_heads import ForMaskedWords, ForPooledClass
from .parts.encoder_heads import ForSpans, ForTokens


class DebertaConfig(DisentangledConfig):
    model_type = "deberta"


class DebertaLayerNorm(nn.Module):
    """A layer norm written out, in float32."""

    def __init__(self, size, eps=1e-12):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.bias = nn.Parameter(torch.zeros(size))
        self.eps = eps

    def forward(self, x):
        dtype = x.dtype
        x = x.float()
        mean = x.mean(-1, keepdim=True)
        variance = (x - mean).pow(2).mean(-1, keepdim=True)
        x = (x - mean) / torch.sqrt(variance + self.eps)
        x = x.to(dtype)
        return self.weight * x + self.bias


class DisentangledSelfAttention(nn.Module):
    """Scores of words with words, of words with distances (c2p), and of distances with words (p2c)."""

    def __init__(self, config):
        super().__init__()
        self.config, self.kinds, self.heads = config, config.pos_att_type, config.num_attention_heads
        size = config.hidden_size
        self.in_proj = nn.Linear(size, size * 3, bias=False)
        self.q_bias = nn.Parameter(torch.zeros(size, dtype=torch.float))
        self.v_bias = nn.Parameter(torch.zeros(size, dtype=torch.float))
        talking = config.talking_head
        self.head_logits_proj = nn.Linear(self.heads, self.heads, bias=False) if talking else None
        self.head_weights_proj = nn.Linear(self.heads, self.heads, bias=False) if talking else None
        if config.relative_attention:
            self.pos_dropout = nn.Dropout(config.hidden_dropout_prob)
            if "c2p" in self.kinds:
                self.pos_proj = nn.Linear(size, size, bias=False)
            if "p2c" in self.kinds:
                self.pos_q_proj = nn.Linear(size, size)
        self.dropout = nn.Dropout(config.attention_probs_dropout_prob)

    def split(self, x):
        return x.view(*x.shape[:-1], self.heads, -1).permute(0, 2, 1, 3)

    def forward(self, x, mask, distances, embedded):
        fused = self.in_proj(x)
        query, key, value = self.split(fused).chunk(3, dim=-1)
        query = query + self.split(self.q_bias[None, None, :])
        value = value + self.split(self.v_bias[None, None, :])
        parts = 1 + len(self.kinds)
        query = query / root(query.shape[-1], parts).to(dtype=query.dtype)
        scores = torch.matmul(query, key.transpose(-1, -2))
        shift = 0
        if self.config.relative_attention:
            embedded = self.pos_dropout(embedded)
            shift = self.shift(query, key, distances, embedded, parts)
        scores = scores + shift
        if self.head_logits_proj is not None:
            scores = self.head_logits_proj(scores.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        mask = mask.bool()
        scores = scores.masked_fill(~mask, torch.finfo(query.dtype).min)
        weights = nn.functional.softmax(scores, dim=-1)
        weights = self.dropout(weights)
        if self.head_weights_proj is not None:
            weights = self.head_weights_proj(weights.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        out = torch.matmul(weights, value)
        out = out.permute(0, 2, 1, 3).contiguous()
        return out.view(*x.shape[:-1], -1)

    def shift(self, query, key, distances, embedded, parts):
        """What distances add to the scores, `[B, heads, T, T]`; 0 where the config names no kind."""
        distances = distances.unsqueeze(1).long()
        longest = self.config.max_relative_positions
        span = min(query.size(-2), longest)
        embedded = embedded[longest - span : longest + span, :].unsqueeze(0)
        shape = [*query.shape[:3], distances.size(-1)]
        score = 0
        if "c2p" in self.kinds:
            far_key = self.split(self.pos_proj(embedded))
            asked = torch.matmul(query, far_key.transpose(-1, -2))
            places = torch.clamp(distances + span, 0, span * 2 - 1)
            asked = torch.gather(asked, dim=-1, index=places.expand(shape))
            score += asked
        if "p2c" in self.kinds:
            far_query = self.split(self.pos_q_proj(embedded))
            far_query /= root(far_query.shape[-1], parts)
            back = torch.clamp(-distances + span, 0, span * 2 - 1)
            answered = torch.matmul(key, far_query.transpose(-1, -2).to(dtype=key.dtype))
            answered = torch.gather(answered, dim=-1, index=back.expand(shape)).transpose(-1, -2)
            score += answered
        return score


class DebertaLayer(Layer):
    norm_class = DebertaLayerNorm
    attention_class = DisentangledSelfAttention


class DebertaEncoder(Encoder):
    layer_class = DebertaLayer


class DebertaModel(DisentangledModel):
    encoder_class = DebertaEncoder


class DebertaForMaskedLM(ForMaskedWords):
    base = DebertaModel


class DebertaForSequenceClassification(ForPooledClass):
    base = DebertaModel


class DebertaForTokenClassification(ForTokens):
    base, name = DebertaModel, "deberta"


class DebertaForQuestionAnswering(ForSpans):
    base, name = DebertaModel, "deberta"
