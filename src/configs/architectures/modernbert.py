"""ModernBERT: an encoder with rotary positions, gated feed-forwards, and windows on two layers of three."""
import torch
from torch import nn

from .parts.activations import activation
from .parts.attention import attend
from .parts.block import Block
from .parts.config import Config, typed_rotary
from .parts.heads import Model, spans
from .parts.losses import classification_loss, token_loss
from .parts.masks import finished, is_eager, padding_mask
from .parts.output import Output
from .parts.rotary import TypedRotaryEmbedding, float_rotate


class ModernBertConfig(Config):
    model_type = "modernbert"
    rope_theta = 160000.0
    defaults = dict(
        vocab_size=50368,
        hidden_size=768,
        intermediate_size=1152,
        num_hidden_layers=22,
        num_attention_heads=12,
        hidden_activation="gelu",
        max_position_embeddings=8192,
        norm_eps=1e-5,
        norm_bias=False,
        pad_token_id=50283,
        attention_bias=False,
        attention_dropout=0.0,
        local_attention=128,
        embedding_dropout=0.0,
        mlp_bias=False,
        mlp_dropout=0.0,
        decoder_bias=True,
        classifier_pooling="cls",
        classifier_dropout=0.0,
        classifier_bias=False,
        classifier_activation="gelu",
    )

    def complete(self, given):
        every = given.get("global_attn_every_n_layers") or 3
        kinds = ["sliding_attention" if i % every else "full_attention" for i in range(self.num_hidden_layers)]
        self.layer_types = self.layer_types or kinds

    def rotary(self, given):
        local = given.get("local_rope_theta") or 10000.0
        return typed_rotary(self, given, given.get("global_rope_theta") or self.rope_theta, local)


class ModernBertEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.tok_embeddings = nn.Embedding(config.vocab_size, config.hidden_size, padding_idx=config.pad_token_id)
        self.norm = nn.LayerNorm(config.hidden_size, eps=config.norm_eps, bias=config.norm_bias)
        self.drop = nn.Dropout(config.embedding_dropout)

    def forward(self, input_ids):
        return self.drop(self.norm(self.tok_embeddings(input_ids)))


class ModernBertMLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.Wi = nn.Linear(config.hidden_size, config.intermediate_size * 2, bias=config.mlp_bias)
        self.act = activation(config.hidden_activation)
        self.drop = nn.Dropout(config.mlp_dropout)
        self.Wo = nn.Linear(config.intermediate_size, config.hidden_size, bias=config.mlp_bias)

    def forward(self, x):
        x, gate = self.Wi(x).chunk(2, dim=-1)
        return self.Wo(self.drop(self.act(x) * gate))


class ModernBertAttention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.config = config
        size = config.hidden_size
        if size % config.num_attention_heads != 0:
            raise ValueError(f"hidden_size {size} is not a multiple of num_attention_heads {config.num_attention_heads}")
        self.head_dim = size // config.num_attention_heads
        self.Wqkv = nn.Linear(size, 3 * size, bias=config.attention_bias)
        self.Wo = nn.Linear(size, size, bias=config.attention_bias)
        self.out_drop = nn.Dropout(config.attention_dropout) if config.attention_dropout > 0.0 else nn.Identity()

    def forward(self, x, positions, mask=None):
        fused = self.Wqkv(x).view(*x.shape[:-1], 3, -1, self.head_dim)
        query, key, value = (one.transpose(1, 2) for one in fused.unbind(dim=-3))
        query, key = float_rotate(query, key, positions)
        dropout = self.config.attention_dropout if self.training else 0.0
        out, weights = attend(query, key, value, mask, scale=self.head_dim**-0.5, dropout=dropout, eager=is_eager(self.config))
        out = out.reshape(*x.shape[:-1], -1)
        return self.out_drop(self.Wo(out)), weights


class ModernBertEncoderLayer(Block):
    def __init__(self, config, layer):
        super().__init__()
        size, eps, bias = config.hidden_size, config.norm_eps, config.norm_bias
        self.attn_norm = nn.Identity() if layer == 0 else nn.LayerNorm(size, eps=eps, bias=bias)
        self.attn = ModernBertAttention(config, layer)
        self.mlp_norm = nn.LayerNorm(size, eps=eps, bias=bias)
        self.mlp = ModernBertMLP(config)

    def forward(self, x, positions, mask=None):
        out, weights = self.attn(self.attn_norm(x), positions, mask)
        x = x + out
        return x + self.mlp(self.mlp_norm(x))


def window_mask(config, x, padding, window):
    """Both ways over a window; none where it holds everything."""
    length = x.shape[1]
    if length < window and padding is None:
        return None
    rows, columns = torch.arange(length, device=x.device) + 0, torch.arange(length, device=x.device) + 0
    rows, places = rows[None, None, :, None], columns[None, None, None, :]
    near = rows.new_ones((), dtype=torch.bool) & ((rows - places).abs() <= window)
    return finished(config, x, near & (rows >= 0), padding, columns)


class ModernBertModel(Model):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = ModernBertEmbeddings(config)
        self.layers = nn.ModuleList([ModernBertEncoderLayer(config, i) for i in range(config.num_hidden_layers)])
        self.final_norm = nn.LayerNorm(config.hidden_size, eps=config.norm_eps, bias=config.norm_bias)
        self.rotary_emb = TypedRotaryEmbedding(config)

    def forward(self, input_ids=None, attention_mask=None, **kwargs):
        embedded = self.embeddings(input_ids)
        x = embedded
        places = torch.arange(x.shape[1], device=x.device).unsqueeze(0)
        masks = {
            "full_attention": padding_mask(self.config, x, attention_mask),
            "sliding_attention": window_mask(self.config, x, attention_mask, self.config.local_attention // 2),
        }
        turns = {kind: self.rotary_emb(x, places, f"{kind}_") for kind in sorted(set(self.config.layer_types))}
        for kind, layer in zip(self.config.layer_types, self.layers):
            x = layer(x, turns[kind], masks[kind])
        return Output(last_hidden_state=self.final_norm(x))


class ModernBertPredictionHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size, config.classifier_bias)
        self.act = activation(config.classifier_activation)
        self.norm = nn.LayerNorm(config.hidden_size, eps=config.norm_eps, bias=config.norm_bias)

    def forward(self, x):
        return self.norm(self.act(self.dense(x)))


class Headed(Model):
    def __init__(self, config):
        super().__init__(config)
        self.model = ModernBertModel(config)
        self.head = ModernBertPredictionHead(config)
        self.drop = nn.Dropout(config.classifier_dropout)

    def pooled(self, x, attention_mask):
        if self.config.classifier_pooling == "cls":
            return x[:, 0]
        if attention_mask is None:
            return x.mean(dim=1)
        return (x * attention_mask.unsqueeze(-1)).sum(dim=1) / attention_mask.sum(dim=1, keepdim=True)


class ModernBertForMaskedLM(Headed):
    def __init__(self, config):
        super().__init__(config)
        del self.drop
        self.decoder = nn.Linear(config.hidden_size, config.vocab_size, bias=config.decoder_bias)
        if config.tie_word_embeddings:
            self.decoder.weight = self.model.embeddings.tok_embeddings.weight

    def forward(self, input_ids=None, attention_mask=None, labels=None, **kwargs):
        logits = self.decoder(self.head(self.model(input_ids, attention_mask).last_hidden_state))
        return Output(loss=None if labels is None else token_loss(logits, labels, self.config.vocab_size), logits=logits)


class ModernBertForSequenceClassification(Headed):
    def __init__(self, config):
        super().__init__(config)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels)

    def forward(self, input_ids=None, attention_mask=None, labels=None, **kwargs):
        x = self.pooled(self.model(input_ids, attention_mask).last_hidden_state, attention_mask)
        logits = self.classifier(self.drop(self.head(x)))
        return Output(loss=None if labels is None else classification_loss(logits, labels, self.config), logits=logits)


class ModernBertForTokenClassification(Headed):
    def __init__(self, config):
        super().__init__(config)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels)

    def forward(self, input_ids=None, attention_mask=None, labels=None, **kwargs):
        logits = self.classifier(self.drop(self.head(self.model(input_ids, attention_mask).last_hidden_state)))
        return Output(loss=None if labels is None else token_loss(logits, labels, self.config.num_labels), logits=logits)


class ModernBertForQuestionAnswering(Headed):
    def __init__(self, config):
        super().__init__(config)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels)

    def forward(self, input_ids=None, attention_mask=None, start_positions=None, end_positions=None, **kwargs):
        x = self.model(input_ids, attention_mask).last_hidden_state
        return spans(self.classifier(self.drop(self.head(x))), start_positions, end_positions)


class ModernBertForMultipleChoice(Headed):
    def __init__(self, config):
        super().__init__(config)
        self.classifier = nn.Linear(config.hidden_size, 1)

    def forward(self, input_ids=None, attention_mask=None, labels=None, **kwargs):
        flat = [None if one is None else one.view(-1, one.size(-1)) for one in (input_ids, attention_mask)]
        x = self.pooled(self.model(*flat).last_hidden_state, flat[1])
        logits = self.classifier(self.drop(self.head(x))).view(-1, input_ids.shape[1])
        return Output(loss=None if labels is None else nn.functional.cross_entropy(logits, labels), logits=logits)
