"""Funnel Transformer: an encoder that halves its text between blocks, and a decoder that spreads it out again."""
import torch
from torch import nn
from torch.nn import functional as F

from .parts.activations import activation
from .parts.config import Config
from .parts.encoder_heads import ForSpans, Headed, flat_choices
from .parts.halving import FunnelAttentionStructure
from .parts.heads import Model
from .parts.losses import classification_loss, plain_loss
from .parts.output import Output


class FunnelConfig(Config):
    model_type = "funnel"
    attribute_map = {"hidden_size": "d_model", "num_attention_heads": "n_head"}
    eager_only = True
    defaults = dict(
        vocab_size=30522,
        block_sizes=[4, 4, 4],
        block_repeats=None,
        num_decoder_layers=2,
        d_model=768,
        n_head=12,
        d_head=64,
        d_inner=3072,
        hidden_act="gelu_new",
        hidden_dropout=0.1,
        attention_dropout=0.1,
        activation_dropout=0.0,
        layer_norm_eps=1e-9,
        pooling_type="mean",
        attention_type="relative_shift",
        separate_cls=True,
        truncate_seq=True,
        pool_q_only=True,
    )

    def complete(self, given):
        self.block_repeats = [1] * len(self.block_sizes) if self.block_repeats is None else self.block_repeats
        if len(self.block_repeats) != len(self.block_sizes):
            raise ValueError(f"block_sizes has {len(self.block_sizes)} blocks, block_repeats {len(self.block_repeats)}")
        if self.pooling_type not in ("mean", "max"):
            raise ValueError(f"pooling_type is {self.pooling_type!r}, not 'mean' or 'max'")
        if self.attention_type not in ("relative_shift", "factorized"):
            raise ValueError(f"attention_type is {self.attention_type!r}, not 'relative_shift' or 'factorized'")
        self.factorized = self.attention_type == "factorized"
        self.num_hidden_layers = sum(self.block_sizes)


class FunnelEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.word_embeddings = nn.Embedding(config.vocab_size, config.d_model, padding_idx=config.pad_token_id)
        self.layer_norm = nn.LayerNorm(config.d_model, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout)

    def forward(self, input_ids=None, inputs_embeds=None):
        x = self.word_embeddings(input_ids) if inputs_embeds is None else inputs_embeds
        return self.dropout(self.layer_norm(x))


class FunnelRelMultiheadAttention(nn.Module):
    """Scores of words, distances and segments, each with a bias of its own."""

    def __init__(self, config, block):
        super().__init__()
        self.config, self.block, self.scale = config, block, 1.0 / config.d_head**0.5
        size, heads, width = config.d_model, config.n_head, config.d_head
        self.hidden_dropout = nn.Dropout(config.hidden_dropout)
        self.attention_dropout = nn.Dropout(config.attention_dropout)
        self.q_head = nn.Linear(size, heads * width, bias=False)
        self.k_head = nn.Linear(size, heads * width)
        self.v_head = nn.Linear(size, heads * width)
        self.r_w_bias = nn.Parameter(torch.zeros([heads, width]))
        self.r_r_bias = nn.Parameter(torch.zeros([heads, width]))
        self.r_kernel = nn.Parameter(torch.zeros([size, heads, width]))
        self.r_s_bias = nn.Parameter(torch.zeros([heads, width]))
        self.seg_embed = nn.Parameter(torch.zeros([2, heads, width]))
        self.post_proj = nn.Linear(heads * width, size)
        self.layer_norm = nn.LayerNorm(size, eps=config.layer_norm_eps)

    def split(self, x):
        return x.view(*x.shape[:-1], self.config.n_head, self.config.d_head)

    def far(self, query, keys, at):
        bias = self.r_r_bias * self.scale
        if self.config.factorized:
            phi, pi, psi, omega = at.waves
            asked = torch.einsum("binh,dnh->bind", query + bias, self.r_kernel)
            asked_phi = asked * phi[:, None]
            asked_pi = asked * pi[:, None]
            scores = torch.einsum("bind,jd->bnij", asked_phi, psi) + torch.einsum("bind,jd->bnij", asked_pi, omega)
        else:
            shift = 2 if query.shape[1] != keys else 1
            waves = torch.einsum("td,dnh->tnh", at.waves[self.block][shift - 1], self.r_kernel)
            scores = shifted(torch.einsum("binh,tnh->bnit", query + bias, waves), keys, shift)
        if at.first is not None:
            scores *= at.first
        return scores

    def kinds(self, query, at):
        bias = self.r_s_bias * self.scale
        scores = torch.einsum("bind,snd->bnis", query + bias, self.seg_embed)
        same = at.same[:, None].expand([at.same.shape[0], query.shape[2], *at.same.shape[1:]])
        other, equal = torch.split(scores, 1, dim=-1)
        scores = torch.where(same, equal.expand(same.shape), other.expand(same.shape))
        if at.first is not None:
            scores *= at.first
        return scores

    def forward(self, x, source, at):
        keys = source.shape[1]
        query, key, value = self.split(self.q_head(x)), self.split(self.k_head(source)), self.split(self.v_head(source))
        query = query * self.scale
        bias = self.r_w_bias * self.scale
        content = torch.einsum("bind,bjnd->bnij", query + bias, key)
        far = self.far(query, keys, at)
        kinds = self.kinds(query, at)
        scores = content + far + kinds
        dtype = scores.dtype
        scores = scores.float()
        scores = scores - 1e6 * (1 - at.padding[:, None, None].float())
        weights = torch.softmax(scores, dim=-1, dtype=dtype)
        weights = self.attention_dropout(weights)
        out = torch.einsum("bnij,bjnd->bind", weights, value)
        mixed = self.post_proj(out.reshape(*x.shape[:2], -1))
        mixed = self.hidden_dropout(mixed)
        return self.layer_norm(x + mixed)


def shifted(scores, keys, shift):
    """Scores by distance turned into scores by key, without a copy for each."""
    batch, heads, length, far = scores.shape
    scores = torch.reshape(scores, [batch, heads, far, length])
    scores = scores[:, :, shift:, :]
    scores = torch.reshape(scores, [batch, heads, length, far - shift])
    return scores[..., :keys]


class FunnelPositionwiseFFN(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.linear_1 = nn.Linear(config.d_model, config.d_inner)
        self.activation_function = activation(config.hidden_act)
        self.activation_dropout = nn.Dropout(config.activation_dropout)
        self.linear_2 = nn.Linear(config.d_inner, config.d_model)
        self.dropout = nn.Dropout(config.hidden_dropout)
        self.layer_norm = nn.LayerNorm(config.d_model, config.layer_norm_eps)

    def forward(self, x):
        h = self.linear_1(x)
        h = self.activation_function(h)
        h = self.activation_dropout(h)
        h = self.linear_2(h)
        h = self.dropout(h)
        return self.layer_norm(x + h)


class FunnelLayer(nn.Module):
    def __init__(self, config, block):
        super().__init__()
        self.attention = FunnelRelMultiheadAttention(config, block)
        self.ffn = FunnelPositionwiseFFN(config)

    def forward(self, x, source, at):
        attended = self.attention(x, source, at)
        return self.ffn(attended)


class FunnelEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.attention_structure = FunnelAttentionStructure(config)
        self.blocks = nn.ModuleList(
            [nn.ModuleList([FunnelLayer(config, i) for _ in range(count)]) for i, count in enumerate(config.block_sizes)]
        )

    def forward(self, x, padding, kinds, states=None):
        """What comes out of the last layer; `states` takes what went in and what each layer gave."""
        config, structure = self.config, self.attention_structure
        at = structure.places(x, padding.type_as(x), kinds)
        if states is not None:
            states.append(x)
        for i, block in enumerate(self.blocks):
            halves = i > 0 and x.size(1) > (2 if config.separate_cls else 1)
            if halves:
                fewer, at = structure.before(x, at)
            for j, layer in enumerate(block):
                for k in range(config.block_repeats[i]):
                    if halves and j == 0 and k == 0:
                        x = layer(fewer, x if config.pool_q_only else fewer, at)
                        at = structure.behind(at)
                    else:
                        x = layer(x, x, at)
                    if states is not None:
                        states.append(x)
        return x


class FunnelDecoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.attention_structure = FunnelAttentionStructure(config)
        self.layers = nn.ModuleList([FunnelLayer(config, 0) for _ in range(config.num_decoder_layers)])

    def spread(self, x, length):
        """Each vector repeated until there are `length`, the first token but once."""
        stride = 2 ** (len(self.config.block_sizes) - 1)
        if stride == 1:
            return x
        if not self.config.separate_cls:
            return torch.repeat_interleave(x, repeats=stride, dim=1)[:, :length]
        first, rest = x[:, :1], x[:, 1:]
        out = torch.repeat_interleave(rest, repeats=stride, dim=1)
        if self.config.truncate_seq:
            out = F.pad(out, (0, 0, 0, stride - 1, 0, 0))
        return torch.cat([first, out[:, : length - 1]], dim=1)

    def forward(self, last, early, padding, kinds):
        spread = self.spread(last, early.shape[1])
        x = spread + early
        at = self.attention_structure.places(x, padding, kinds)
        for layer in self.layers:
            x = layer(x, x, at)
        return x


class FunnelBaseModel(Model):
    decodes = False

    def __init__(self, config, pooling=False):
        super().__init__(config)
        self.embeddings = FunnelEmbeddings(config)
        self.encoder = FunnelEncoder(config)
        if self.decodes:
            self.decoder = FunnelDecoder(config)

    def forward(self, input_ids=None, attention_mask=None, token_type_ids=None, inputs_embeds=None, **kwargs):
        given = input_ids if inputs_embeds is None else inputs_embeds
        shape = given.shape[:2]
        if attention_mask is None:
            attention_mask = torch.ones(shape, device=given.device)
        if token_type_ids is None:
            token_type_ids = torch.zeros(shape, dtype=torch.long, device=given.device)
        x = self.embeddings(input_ids, inputs_embeds)
        states = [] if self.decodes else None
        out = self.encoder(x, attention_mask, token_type_ids, states)
        if self.decodes:
            out = self.decoder(out, states[self.config.block_sizes[0]], attention_mask, token_type_ids)
        return Output(last_hidden_state=out)


class FunnelModel(FunnelBaseModel):
    decodes = True


class FunnelDiscriminatorPredictions(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.d_model, config.d_model)
        self.act = activation(config.hidden_act)
        self.dense_prediction = nn.Linear(config.d_model, 1)

    def forward(self, x):
        return self.dense_prediction(self.act(self.dense(x))).squeeze(-1)


class FunnelForPreTraining(Headed):
    base, name = FunnelModel, "funnel"

    def __init__(self, config):
        super().__init__(config)
        self.discriminator_predictions = FunnelDiscriminatorPredictions(config)

    def forward(self, input_ids=None, labels=None, **kwargs):
        logits = self.discriminator_predictions(self.body(input_ids, **kwargs).last_hidden_state)
        loss = None if labels is None else F.binary_cross_entropy_with_logits(logits.view(-1, logits.shape[1]), labels.float())
        return Output(loss=loss, logits=logits)


class FunnelForMaskedLM(Headed):
    base, name = FunnelModel, "funnel"

    def __init__(self, config):
        super().__init__(config)
        self.lm_head = nn.Linear(config.d_model, config.vocab_size)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.words()

    def forward(self, input_ids=None, labels=None, **kwargs):
        logits = self.lm_head(self.body(input_ids, **kwargs).last_hidden_state)
        return Output(loss=None if labels is None else plain_loss(logits, labels, self.config.vocab_size), logits=logits)


class FunnelClassificationHead(nn.Module):
    def __init__(self, config, classes):
        super().__init__()
        self.linear_hidden = nn.Linear(config.d_model, config.d_model)
        self.dropout = nn.Dropout(config.hidden_dropout)
        self.linear_out = nn.Linear(config.d_model, classes)

    def forward(self, x):
        return self.linear_out(self.dropout(torch.tanh(self.linear_hidden(x))))


class FunnelForSequenceClassification(Headed):
    base, name = FunnelBaseModel, "funnel"

    def __init__(self, config):
        super().__init__(config)
        self.classifier = FunnelClassificationHead(config, config.num_labels)

    def forward(self, input_ids=None, labels=None, **kwargs):
        logits = self.classifier(self.body(input_ids, **kwargs).last_hidden_state[:, 0])
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)


class FunnelForMultipleChoice(Headed):
    base, name = FunnelBaseModel, "funnel"

    def __init__(self, config):
        super().__init__(config)
        self.classifier = FunnelClassificationHead(config, 1)

    def forward(self, input_ids=None, labels=None, **kwargs):
        kwargs = flat_choices(kwargs)
        hidden = self.body(input_ids.view(-1, input_ids.size(-1)), **kwargs).last_hidden_state
        logits = self.classifier(hidden[:, 0]).view(-1, input_ids.shape[1])
        return Output(loss=None if labels is None else F.cross_entropy(logits, labels), logits=logits)


class FunnelForTokenClassification(Headed):
    base, name = FunnelModel, "funnel"

    def __init__(self, config):
        super().__init__(config)
        self.dropout = nn.Dropout(config.hidden_dropout)
        self.classifier = nn.Linear(config.d_model, config.num_labels)

    def forward(self, input_ids=None, labels=None, **kwargs):
        logits = self.classifier(self.dropout(self.body(input_ids, **kwargs).last_hidden_state))
        return Output(loss=None if labels is None else plain_loss(logits, labels, self.config.num_labels), logits=logits)


class FunnelForQuestionAnswering(ForSpans):
    base, name = FunnelModel, "funnel"
