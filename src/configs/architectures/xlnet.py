"""XLNet: an encoder over texts in any order, with relative positions and the states of earlier texts."""
import torch
from torch import nn

from .gpt2 import GPT2SequenceSummary
from .parts.activations import activation
from .parts.config import Config
from .parts.encoder_heads import flat_choices
from .parts.heads import Model, spans
from .parts.losses import classification_loss, plain_loss
from .parts.output import Output


class XLNetConfig(Config):
    model_type = "xlnet"
    attribute_map = {
        "n_token": "vocab_size",
        "hidden_size": "d_model",
        "num_attention_heads": "n_head",
        "num_hidden_layers": "n_layer",
    }
    eager_only = True
    defaults = dict(
        vocab_size=32000,
        d_model=1024,
        n_layer=24,
        n_head=16,
        d_inner=4096,
        d_head=None,
        ff_activation="gelu",
        attn_type="bi",
        layer_norm_eps=1e-12,
        dropout=0.1,
        mem_len=512,
        reuse_len=None,
        use_mems_eval=True,
        use_mems_train=False,
        bi_data=False,
        clamp_len=-1,
        same_length=False,
        summary_type="last",
        summary_use_proj=True,
        summary_activation="tanh",
        summary_last_dropout=0.1,
        pad_token_id=5,
    )

    def complete(self, given):
        if self.d_model % self.n_head != 0:
            raise ValueError(f"d_model {self.d_model} is not a multiple of n_head {self.n_head}")
        self.d_head = self.d_head or self.d_model // self.n_head
        if self.d_head != self.d_model // self.n_head:
            raise ValueError(f"d_head {self.d_head} is not d_model / n_head, {self.d_model // self.n_head}")
        if self.attn_type not in ("bi", "uni"):
            raise ValueError(f"attn_type is {self.attn_type!r}, not 'bi' or 'uni'")


class XLNetRelativeAttention(nn.Module):
    """Scores of words, distances and segments, each with a bias of its own; texts lie along the first axis."""

    def __init__(self, config):
        super().__init__()
        size, heads, width = config.d_model, config.n_head, config.d_head
        self.scale = 1 / width**0.5
        for name in ("q", "k", "v", "o", "r"):
            setattr(self, name, nn.Parameter(torch.empty(size, heads, width)))
        for name in ("r_r_bias", "r_s_bias", "r_w_bias"):
            setattr(self, name, nn.Parameter(torch.empty(heads, width)))
        self.seg_embed = nn.Parameter(torch.empty(2, heads, width))
        self.layer_norm = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.dropout)

    def weigh(self, query, key, value, far, kinds, mask):
        words = torch.einsum("ibnd,jbnd->bnij", query + self.r_w_bias, key)
        places = torch.einsum("ibnd,jbnd->bnij", query + self.r_r_bias, far)
        places = shifted(places, words.shape[3])
        same = 0
        if kinds is not None:
            same = torch.einsum("ibnd,snd->ibns", query + self.r_s_bias, self.seg_embed)
            same = torch.einsum("ijbs,ibns->bnij", kinds, same)
        scores = (words + places + same) * self.scale
        if mask is not None:
            scores = scores - (65500 if mask.dtype == torch.float16 else 1e30) * torch.einsum("ijbn->bnij", mask)
        weights = nn.functional.softmax(scores, dim=3)
        weights = self.dropout(weights)
        return torch.einsum("bnij,jbnd->ibnd", weights, value)

    def behind(self, x, mixed):
        out = torch.einsum("ibnd,hnd->ibh", mixed, self.o)
        out = self.dropout(out)
        out = out + x
        return self.layer_norm(out)

    def forward(self, x, asked, mask, asked_mask, places, kinds, memory=None, targets=None):
        source = x if memory is None else torch.cat([memory, x], dim=0)
        if asked is None:
            query = torch.einsum("ibh,hnd->ibnd", x, self.q)
        key = torch.einsum("ibh,hnd->ibnd", source, self.k)
        value = torch.einsum("ibh,hnd->ibnd", source, self.v)
        far = torch.einsum("ibh,hnd->ibnd", places.type(self.r.dtype) if asked is None else places, self.r)
        if asked is not None:
            query = torch.einsum("ibh,hnd->ibnd", x, self.q)
        mixed = self.weigh(query, key, value, far, kinds, mask)
        out = self.behind(x, mixed)
        if asked is None:
            return out, None
        query = torch.einsum("ibh,hnd->ibnd", asked, self.q)
        if targets is not None:
            query = torch.einsum("mbnd,mlb->lbnd", query, targets)
        mixed = self.weigh(query, key, value, far, kinds, asked_mask)
        if targets is not None:
            mixed = torch.einsum("lbnd,mlb->mbnd", mixed, targets)
        return out, self.behind(asked, mixed)


def shifted(scores, keys):
    """Scores by distance turned into scores by key."""
    batch, heads, length, far = scores.shape
    scores = scores.reshape(batch, heads, far, length)
    scores = scores[:, :, 1:, :]
    scores = scores.reshape(batch, heads, length, far - 1)
    return torch.index_select(scores, 3, torch.arange(keys, device=scores.device, dtype=torch.long))


class XLNetFeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layer_norm = nn.LayerNorm(config.d_model, eps=config.layer_norm_eps)
        self.layer_1 = nn.Linear(config.d_model, config.d_inner)
        self.layer_2 = nn.Linear(config.d_inner, config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.activation_function = activation(config.ff_activation)

    def forward(self, x):
        out = self.layer_1(x)
        out = self.activation_function(out)
        out = self.dropout(out)
        out = self.layer_2(out)
        out = self.dropout(out)
        return self.layer_norm(out + x)


class XLNetLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.rel_attn = XLNetRelativeAttention(config)
        self.ff = XLNetFeedForward(config)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x, asked, mask, asked_mask, places, kinds, memory=None, targets=None):
        x, asked = self.rel_attn(x, asked, mask, asked_mask, places, kinds, memory, targets)
        if asked is not None:
            asked = self.ff(asked)
        return self.ff(x), asked


class XLNetModel(Model):
    def __init__(self, config):
        super().__init__(config)
        self.word_embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.mask_emb = nn.Parameter(torch.empty(1, 1, config.d_model))
        self.layer = nn.ModuleList([XLNetLayer(config) for _ in range(config.n_layer)])
        self.dropout = nn.Dropout(config.dropout)

    def remembered(self, x, memory):
        """What later texts see of a layer's input."""
        config = self.config
        if config.reuse_len is not None and config.reuse_len > 0:
            x = x[: config.reuse_len]
        first = -config.mem_len if config.mem_len else 0
        return (x[first:] if memory is None else torch.cat([memory, x], dim=0)[first:]).detach()

    def waves(self, places, frequencies, batch):
        if self.config.clamp_len > 0:
            places = places.clamp(-self.config.clamp_len, self.config.clamp_len)
        angles = torch.einsum("i,d->id", places, frequencies)
        found = torch.cat([torch.sin(angles), torch.cos(angles)], dim=-1)
        return found[:, None, :].expand(-1, batch, -1)

    def places(self, length, keys, batch, device):
        """Waves of all distances, `[distances, B, d_model]`; for both directions where the config has them."""
        config = self.config
        steps = torch.arange(0, config.d_model, 2.0, dtype=torch.int64, device=device).float()
        frequencies = 1 / torch.pow(10000, steps / config.d_model)
        end = -length if config.attn_type == "bi" else -1
        forward = torch.arange(keys, end, -1.0, dtype=torch.int64, device=device).float()
        if not config.bi_data:
            return self.waves(forward, frequencies, batch)
        backward = torch.arange(-keys, -end, 1.0, dtype=torch.int64, device=device).float()
        both = [self.waves(one, frequencies, batch // 2) for one in (forward, backward)]
        return torch.cat(both, dim=1)

    def one_way(self, length, past, device):
        mask = torch.ones((length, length + past), device=device)
        before = mask[:, :length].tril(-1) if self.config.same_length else None
        mask.triu_(past + 1)
        if before is not None:
            mask[:, :length] += before
        return mask[:, :, None, None]

    def masks(self, hidden, ordered, length, past, batch, dtype, device):
        """What is hidden from each token's content, and from each token's query; none where nothing is."""
        mask = self.one_way(length, past, device) if self.config.attn_type == "uni" else None
        if hidden is not None and ordered is not None:
            hidden = hidden[None] + ordered
        elif hidden is not None:
            hidden = hidden[None]
        else:
            hidden = ordered
        if hidden is not None:
            if past > 0:
                hidden = torch.cat([torch.zeros([hidden.shape[0], past, batch]).to(hidden), hidden], dim=1)
            mask = hidden[:, :, :, None] if mask is None else mask + hidden[:, :, :, None]
        if mask is None:
            return None, None
        mask = (mask > 0).to(dtype)
        itself = -torch.eye(length).to(mask)
        if past > 0:
            itself = torch.cat([torch.zeros([length, past]).to(mask), itself], dim=-1)
        return (mask + itself[:, :, None, None] > 0).to(mask), mask

    def forward(self, input_ids=None, attention_mask=None, mems=None, perm_mask=None, target_mapping=None, token_type_ids=None, input_mask=None, inputs_embeds=None, use_mems=None, **kwargs):
        config = self.config
        if use_mems is None:
            use_mems = config.use_mems_train if self.training else config.use_mems_eval
        given = (input_ids if inputs_embeds is None else inputs_embeds).transpose(0, 1).contiguous()
        length, batch = given.shape[:2]
        turned = [None if one is None else one.transpose(0, 1).contiguous() for one in (token_type_ids, input_mask, attention_mask)]
        token_type_ids, hidden, attention_mask = turned
        ordered, targets = (None if one is None else one.permute(1, 2, 0).contiguous() for one in (perm_mask, target_mapping))
        if hidden is None and attention_mask is not None:
            hidden = 1.0 - attention_mask
        past = 0 if mems is None or mems[0] is None else mems[0].shape[0]
        dtype, device = self.word_embedding.weight.dtype, given.device
        mask, asked_mask = self.masks(hidden, ordered, length, past, batch, dtype, device)
        words = self.word_embedding(given) if inputs_embeds is None else given
        x = self.dropout(words)
        asked = None if targets is None else self.dropout(self.mask_emb.expand(targets.shape[0], batch, -1))
        kinds = None
        if token_type_ids is not None:
            before = [torch.zeros([past, batch], dtype=torch.long, device=device)] if past > 0 else []
            every = torch.cat([*before, token_type_ids], dim=0) if before else token_type_ids
            other = (token_type_ids[:, None] != every[None, :]).long()
            kinds = nn.functional.one_hot(other, num_classes=2).to(dtype)
        places = self.dropout(self.places(length, past + length, batch, device))
        kept = []
        for i, layer in enumerate(self.layer):
            memory = None if mems is None else mems[i]
            if use_mems:
                kept.append(self.remembered(x, memory))
            x, asked = layer(x, asked, mask, asked_mask, places, kinds, memory, targets)
        out = self.dropout(x if asked is None else asked)
        out = out.permute(1, 0, 2).contiguous()
        return Output(last_hidden_state=out, mems=tuple(kept) if use_mems else None)


class Headed(Model):
    def __init__(self, config):
        super().__init__(config)
        self.transformer = XLNetModel(config)


class XLNetLMHeadModel(Headed):
    def __init__(self, config):
        super().__init__(config)
        self.lm_loss = nn.Linear(config.d_model, config.vocab_size)
        if config.tie_word_embeddings:
            self.lm_loss.weight = self.transformer.word_embedding.weight

    def forward(self, input_ids=None, labels=None, logits_to_keep=0, **kwargs):
        out = self.transformer(input_ids, **kwargs)
        logits = self.lm_loss(out.last_hidden_state[:, -logits_to_keep:, :])
        loss = None if labels is None else plain_loss(logits, labels, logits.size(-1))
        return Output(loss=loss, logits=logits, mems=out.mems)


class Summarised(Headed):
    """Classes from one vector for the text; `classes` of them."""

    def __init__(self, config):
        super().__init__(config)
        self.sequence_summary = GPT2SequenceSummary(config)
        self.logits_proj = nn.Linear(config.d_model, self.classes(config))

    def classes(self, config):
        return config.num_labels


class XLNetForSequenceClassification(Summarised):
    def forward(self, input_ids=None, labels=None, **kwargs):
        out = self.transformer(input_ids, **kwargs)
        logits = self.logits_proj(self.sequence_summary(out.last_hidden_state))
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits, mems=out.mems)


class XLNetForMultipleChoice(Summarised):
    def classes(self, config):
        return 1

    def forward(self, input_ids=None, labels=None, **kwargs):
        kwargs = flat_choices(kwargs)
        out = self.transformer(input_ids.view(-1, input_ids.size(-1)), **kwargs)
        logits = self.logits_proj(self.sequence_summary(out.last_hidden_state)).view(-1, input_ids.shape[1])
        loss = None if labels is None else nn.functional.cross_entropy(logits, labels.view(-1))
        return Output(loss=loss, logits=logits, mems=out.mems)


class XLNetForTokenClassification(Headed):
    def __init__(self, config):
        super().__init__(config)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels)

    def forward(self, input_ids=None, labels=None, **kwargs):
        out = self.transformer(input_ids, **kwargs)
        logits = self.classifier(out.last_hidden_state)
        loss = None if labels is None else plain_loss(logits, labels, self.config.num_labels)
        return Output(loss=loss, logits=logits, mems=out.mems)


class XLNetForQuestionAnsweringSimple(Headed):
    def __init__(self, config):
        super().__init__(config)
        self.qa_outputs = nn.Linear(config.hidden_size, config.num_labels)

    def forward(self, input_ids=None, start_positions=None, end_positions=None, **kwargs):
        out = self.transformer(input_ids, **kwargs)
        found = spans(self.qa_outputs(out.last_hidden_state), start_positions, end_positions)
        return Output(**found, mems=out.mems)
