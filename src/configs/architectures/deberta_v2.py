"""DeBERTa v2 and v3: distances in buckets, one projection for words and distances where they share it, a convolution beside the first layer."""
import torch
from torch import nn

from .parts.activations import activation
from .parts.disentangled import DisentangledConfig, DisentangledModel, Encoder, Layer, root
from .parts.disentangled_heads import ForMaskedWords, ForPooledChoice, ForPooledClass
from .parts.encoder_heads import ForSpans, ForTokens


class DebertaV2Config(DisentangledConfig):
    model_type = "deberta-v2"
    defaults = dict(
        DisentangledConfig.defaults,
        vocab_size=128100,
        hidden_size=1536,
        num_hidden_layers=24,
        num_attention_heads=24,
        intermediate_size=6144,
        share_att_key=False,
        position_buckets=-1,
        norm_rel_ebd="none",
        conv_kernel_size=0,
        conv_groups=1,
        conv_act="tanh",
    )

    def complete(self, given):
        super().complete(given)
        self.attention_head_size = self.attention_head_size or self.hidden_size // self.num_attention_heads
        #: How many distances each way have a vector.
        self.span = self.position_buckets if self.position_buckets > 0 else self.max_relative_positions


class DisentangledSelfAttention(nn.Module):
    """Scores of words with words, of words with distances (c2p), and of distances with words (p2c)."""

    def __init__(self, config):
        super().__init__()
        self.config, self.kinds, self.heads = config, config.pos_att_type, config.num_attention_heads
        size, width = config.hidden_size, config.num_attention_heads * config.attention_head_size
        self.query_proj = nn.Linear(size, width)
        self.key_proj = nn.Linear(size, width)
        self.value_proj = nn.Linear(size, width)
        if config.relative_attention:
            self.pos_dropout = nn.Dropout(config.hidden_dropout_prob)
            if not config.share_att_key:
                if "c2p" in self.kinds:
                    self.pos_key_proj = nn.Linear(size, width)
                if "p2c" in self.kinds:
                    self.pos_query_proj = nn.Linear(size, width)
        self.dropout = nn.Dropout(config.attention_probs_dropout_prob)

    def split(self, x):
        """`[B, T, heads · width]` as `[B · heads, T, width]`."""
        x = x.view(*x.shape[:-1], self.heads, -1)
        return x.permute(0, 2, 1, 3).contiguous().view(-1, x.size(1), x.size(-1))

    def forward(self, x, mask, distances, embedded):
        query = self.split(self.query_proj(x))
        key = self.split(self.key_proj(x))
        value = self.split(self.value_proj(x))
        parts = 1 + sum(kind in self.kinds for kind in ("c2p", "p2c"))
        scores = torch.bmm(query, key.transpose(-1, -2) / root(query.size(-1), parts).to(dtype=query.dtype))
        if self.config.relative_attention:
            embedded = self.pos_dropout(embedded)
            shift = self.shift(query, key, distances, embedded, parts)
            scores = scores + shift
        scores = scores.view(-1, self.heads, scores.size(-2), scores.size(-1))
        mask = mask.bool()
        scores = scores.masked_fill(~mask, torch.finfo(query.dtype).min)
        weights = nn.functional.softmax(scores, dim=-1)
        weights = self.dropout(weights)
        out = torch.bmm(weights.view(-1, weights.size(-2), weights.size(-1)), value)
        out = out.view(-1, self.heads, out.size(-2), out.size(-1)).permute(0, 2, 1, 3).contiguous()
        return out.view(*x.shape[:-1], -1)

    def far(self, project, embedded, query):
        return self.split(project(embedded)).repeat(query.size(0) // self.heads, 1, 1)

    def shift(self, query, key, distances, embedded, parts):
        """What distances add to the scores, `[B · heads, T, T]`; 0 where the config names no kind."""
        distances, span = distances.unsqueeze(1).to(torch.long), self.config.span
        embedded = embedded[0 : span * 2, :].unsqueeze(0)
        if self.config.share_att_key:
            far_query = self.far(self.query_proj, embedded, query)
            far_key = self.far(self.key_proj, embedded, query)
        else:
            far_key = self.far(self.pos_key_proj, embedded, query) if "c2p" in self.kinds else None
            far_query = self.far(self.pos_query_proj, embedded, query) if "p2c" in self.kinds else None
        shape = [*query.shape[:2], distances.size(-1)]
        score = 0
        if "c2p" in self.kinds:
            asked = torch.bmm(query, far_key.transpose(-1, -2))
            places = torch.clamp(distances + span, 0, span * 2 - 1)
            asked = torch.gather(asked, dim=-1, index=places.squeeze(0).expand(shape))
            score += asked / root(far_key.size(-1), parts).to(dtype=asked.dtype)
        if "p2c" in self.kinds:
            back = torch.clamp(-distances + span, 0, span * 2 - 1)
            answered = torch.bmm(key, far_query.transpose(-1, -2))
            answered = torch.gather(answered, dim=-1, index=back.squeeze(0).expand(shape)).transpose(-1, -2)
            score += answered / root(far_query.size(-1), parts).to(dtype=answered.dtype)
        return score


class DebertaV2Layer(Layer):
    norm_class = nn.LayerNorm
    attention_class = DisentangledSelfAttention


class ConvLayer(nn.Module):
    """A convolution over what the first layer was given, added to what it made; padding is made zero."""

    def __init__(self, config):
        super().__init__()
        size, kernel = config.hidden_size, config.conv_kernel_size
        self.conv = nn.Conv1d(size, size, kernel, padding=(kernel - 1) // 2, groups=config.conv_groups)
        self.LayerNorm = nn.LayerNorm(size, config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.act = activation(config.conv_act)

    def forward(self, x, added, mask):
        out = self.conv(x.permute(0, 2, 1).contiguous()).permute(0, 2, 1).contiguous()
        missing = (1 - mask).bool()
        out.masked_fill_(missing.unsqueeze(-1).expand(out.size()), 0)
        out = self.act(self.dropout(out))
        total = added + out
        normed = self.LayerNorm(total).to(total)
        return normed * mask.unsqueeze(2).to(normed.dtype)


class DebertaV2Encoder(Encoder):
    layer_class = DebertaV2Layer

    def __init__(self, config):
        super().__init__(config)
        self.normed = "layer_norm" in [word.strip() for word in config.norm_rel_ebd.lower().split("|")]
        if self.normed:
            self.LayerNorm = nn.LayerNorm(config.hidden_size, config.layer_norm_eps)
        self.conv = ConvLayer(config) if config.conv_kernel_size > 0 else None

    def span(self, config):
        return config.span

    def embedded(self):
        weight = self.rel_embeddings.weight
        return self.LayerNorm(weight) if self.normed else weight

    def distances(self, x):
        places = torch.arange(x.size(-2), dtype=torch.long, device=x.device)
        found = places[:, None] - places[None, :]
        if self.config.position_buckets > 0:
            found = buckets(found, self.config.position_buckets, self.config.max_relative_positions)
        return found.to(torch.long).unsqueeze(0)

    def behind(self, layer, x, first, padding):
        if layer > 0 or self.conv is None:
            return x
        return self.conv(first, x, padding if padding.dim() <= 2 else padding.sum(-2) > 0)


def buckets(distance, count, longest):
    """Distances as buckets: near ones as they are, far ones by their logarithm, with their sign."""
    sign, middle = torch.sign(distance), count // 2
    near = (distance < middle) & (distance > -middle)
    size = torch.where(near, torch.tensor(middle - 1).type_as(distance), torch.abs(distance))
    far = torch.ceil(torch.log(size / middle) / torch.log(torch.tensor((longest - 1) / middle)) * (middle - 1)) + middle
    return torch.where(size <= middle, distance.type_as(far), far * sign)


class DebertaV2Model(DisentangledModel):
    encoder_class = DebertaV2Encoder


class DebertaV2ForMaskedLM(ForMaskedWords):
    base = DebertaV2Model


class DebertaV2ForSequenceClassification(ForPooledClass):
    base = DebertaV2Model


class DebertaV2ForMultipleChoice(ForPooledChoice):
    base = DebertaV2Model


class DebertaV2ForTokenClassification(ForTokens):
    base, name = DebertaV2Model, "deberta"


class DebertaV2ForQuestionAnswering(ForSpans):
    base, name = DebertaV2Model, "deberta"
