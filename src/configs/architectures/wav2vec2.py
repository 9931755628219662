"""wav2vec 2.0: convolutions over the raw signal, and an encoder whose positions come from a convolution too."""
import torch
from torch import nn

from .parts.activations import activation
from .parts.block import Block
from .parts.config import Config
from .parts.heads import Model
from .parts.losses import plain_loss
from .parts.masks import padding_mask
from .parts.output import Output
from .parts.vision import VisionAttention


class Wav2Vec2Config(Config):
    model_type = "wav2vec2"
    whole_heads = True
    defaults = dict(
        vocab_size=32,
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=3072,
        hidden_act="gelu",
        hidden_dropout=0.1,
        activation_dropout=0.1,
        attention_dropout=0.1,
        feat_proj_layer_norm=True,
        feat_proj_dropout=0.0,
        final_dropout=0.1,
        layerdrop=0.1,
        layer_norm_eps=1e-5,
        feat_extract_norm="group",
        feat_extract_activation="gelu",
        conv_dim=[512, 512, 512, 512, 512, 512, 512],
        conv_stride=[5, 2, 2, 2, 2, 2, 2],
        conv_kernel=[10, 3, 3, 3, 3, 2, 2],
        conv_bias=False,
        num_conv_pos_embeddings=128,
        num_conv_pos_embedding_groups=16,
        conv_pos_batch_norm=False,
        do_stable_layer_norm=False,
        apply_spec_augment=True,
        mask_time_prob=0.05,
        mask_time_length=10,
        mask_time_min_masks=2,
        mask_feature_prob=0.0,
        mask_feature_length=10,
        mask_feature_min_masks=0,
        ctc_loss_reduction="sum",
        ctc_zero_infinity=False,
        use_weighted_layer_sum=False,
        classifier_proj_size=256,
        add_adapter=False,
        adapter_kernel_size=3,
        adapter_stride=2,
        num_adapter_layers=3,
        output_hidden_size=None,
        adapter_attn_dim=None,
        pad_token_id=0,
    )

    def complete(self, given):
        self.output_hidden_size = self.output_hidden_size or self.hidden_size
        counts = [len(one) for one in (self.conv_dim, self.conv_stride, self.conv_kernel)]
        if len(set(counts)) != 1:
            raise ValueError(f"conv_dim has {counts[0]} layers, conv_stride {counts[1]} and conv_kernel {counts[2]}")
        if self.feat_extract_norm not in ("group", "layer"):
            raise ValueError(f"feat_extract_norm {self.feat_extract_norm!r} is neither group nor layer")


class SpeechAttention(VisionAttention):
    wide = False


class ConvLayer(Block):
    """A convolution over time; the first is normed for each channel, or all are over their channels."""

    def __init__(self, config, index):
        super().__init__()
        before, out = config.conv_dim[index - 1] if index > 0 else 1, config.conv_dim[index]
        self.conv = nn.Conv1d(before, out, config.conv_kernel[index], stride=config.conv_stride[index], bias=config.conv_bias)
        self.everywhere = config.feat_extract_norm == "layer"
        self.layer_norm = None
        if self.everywhere:
            self.layer_norm = nn.LayerNorm(out)
        elif index == 0:
            self.layer_norm = nn.GroupNorm(num_groups=out, num_channels=out)
        self.activation = activation(config.feat_extract_activation)

    def forward(self, x):
        x = self.conv(x)
        if self.everywhere:
            x = x.transpose(-2, -1)
            x = self.layer_norm(x)
            x = x.transpose(-2, -1)
        elif self.layer_norm is not None:
            x = self.layer_norm(x)
        return self.activation(x)


class FeatureEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.conv_layers = nn.ModuleList([ConvLayer(config, i) for i in range(len(config.conv_dim))])

    def forward(self, signal):
        x = signal[:, None]
        if self.training:
            x.requires_grad = True
        for layer in self.conv_layers:
            x = layer(x)
        return x


class FeatureProjection(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.normed = config.feat_proj_layer_norm
        if self.normed:
            self.layer_norm = nn.LayerNorm(config.conv_dim[-1], eps=config.layer_norm_eps)
        self.projection = nn.Linear(config.conv_dim[-1], config.hidden_size)
        self.dropout = nn.Dropout(config.feat_proj_dropout)

    def forward(self, x):
        normed = self.layer_norm(x) if self.normed else x
        x = self.projection(normed)
        return self.dropout(x), normed


class SamePad(nn.Module):
    """Takes off what an even kernel adds."""

    def __init__(self, kernel):
        super().__init__()
        self.extra = 1 if kernel % 2 == 0 else 0

    def forward(self, x):
        return x[:, :, : -self.extra] if self.extra > 0 else x


class PositionalConv(nn.Module):
    def __init__(self, config):
        super().__init__()
        kernel, size = config.num_conv_pos_embeddings, config.hidden_size
        conv = nn.Conv1d(size, size, kernel_size=kernel, padding=kernel // 2, groups=config.num_conv_pos_embedding_groups)
        self.batch_norm = nn.BatchNorm1d(size) if config.conv_pos_batch_norm else None
        self.conv = conv if config.conv_pos_batch_norm else nn.utils.parametrizations.weight_norm(conv, name="weight", dim=2)
        self.padding = SamePad(kernel)
        self.activation = activation(config.feat_extract_activation)

    def forward(self, x):
        x = x.transpose(1, 2)
        if self.batch_norm is not None:
            x = self.batch_norm(x)
        x = self.conv(x)
        x = self.padding(x)
        x = self.activation(x)
        return x.transpose(1, 2)


class FeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.intermediate_dropout = nn.Dropout(config.activation_dropout)
        self.intermediate_dense = nn.Linear(config.hidden_size, config.intermediate_size)
        self.intermediate_act_fn = activation(config.hidden_act)
        self.output_dense = nn.Linear(config.intermediate_size, config.hidden_size)
        self.output_dropout = nn.Dropout(config.hidden_dropout)

    def forward(self, x):
        x = self.intermediate_dense(x)
        x = self.intermediate_act_fn(x)
        x = self.intermediate_dropout(x)
        x = self.output_dense(x)
        return self.output_dropout(x)


class AttentionAdapter(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.norm = nn.LayerNorm(config.hidden_size)
        self.linear_1 = nn.Linear(config.hidden_size, config.adapter_attn_dim)
        self.act_fn = nn.ReLU()
        self.linear_2 = nn.Linear(config.adapter_attn_dim, config.hidden_size)

    def forward(self, x):
        x = self.norm(x)
        x = self.linear_1(x)
        x = self.act_fn(x)
        return self.linear_2(x)


class SpeechLayer(Block):
    """Attention and feed-forward, each normed behind, or before where the config says stable."""

    def __init__(self, config):
        super().__init__()
        self.stable = config.do_stable_layer_norm
        self.attention = SpeechAttention(config, out="out_proj")
        self.dropout = nn.Dropout(config.hidden_dropout)
        self.layer_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.feed_forward = FeedForward(config)
        self.final_layer_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        adapts = self.stable and config.adapter_attn_dim is not None
        self.adapter_layer = AttentionAdapter(config) if adapts else None

    def forward(self, x, mask=None):
        before = x
        if self.stable:
            x = self.layer_norm(x)
        x, weights = self.attention(x, mask)
        x = self.dropout(x)
        x = before + x
        if self.stable:
            x = x + self.feed_forward(self.final_layer_norm(x))
            return x if self.adapter_layer is None else x + self.adapter_layer(x)
        x = self.layer_norm(x)
        x = x + self.feed_forward(x)
        return self.final_layer_norm(x)


class SpeechEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.pos_conv_embed = PositionalConv(config)
        self.layer_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout)
        self.layers = nn.ModuleList([SpeechLayer(config) for _ in range(config.num_hidden_layers)])

    def forward(self, x, mask=None, states=None):
        """`states`: a list for what each layer reads and what the last one gives."""
        stable = self.config.do_stable_layer_norm
        if mask is not None:
            x[~mask.unsqueeze(-1).repeat(1, 1, x.shape[2])] = 0
        mask = padding_mask(self.config, x, mask)
        places = self.pos_conv_embed(x)
        x = x + places
        if not stable:
            x = self.layer_norm(x)
        x = self.dropout(x)
        if states is not None:
            states.append(x)
        for layer in self.layers:
            chance = torch.rand([])
            if not (self.training and chance < self.config.layerdrop):
                x = layer(x, mask)
                if states is not None:
                    states.append(x)
        return self.layer_norm(x) if stable else x


class AdapterLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        size = config.output_hidden_size
        self.conv = nn.Conv1d(size, 2 * size, config.adapter_kernel_size, stride=config.adapter_stride, padding=1)

    def forward(self, x):
        return nn.functional.glu(self.conv(x), dim=1)


class Adapter(nn.Module):
    """Convolutions that shorten what the encoder hands on."""

    def __init__(self, config):
        super().__init__()
        self.drop = config.layerdrop
        self.proj = self.proj_layer_norm = None
        if config.output_hidden_size != config.hidden_size:
            self.proj = nn.Linear(config.hidden_size, config.output_hidden_size)
            self.proj_layer_norm = nn.LayerNorm(config.output_hidden_size)
        self.layers = nn.ModuleList([AdapterLayer(config) for _ in range(config.num_adapter_layers)])

    def forward(self, x):
        if self.proj is not None:
            x = self.proj_layer_norm(self.proj(x))
        x = x.transpose(1, 2)
        for layer in self.layers:
            if not self.training or torch.rand([]) > self.drop:
                x = layer(x)
        return x.transpose(1, 2)


def spans(x, count, length, rate, least):
    """`[B, count]`: true where masked spans lie, which start at random."""
    number = min(max(int(rate * count / length + 0.5), least), count // length)
    starts = torch.randint(0, max(count - length + 1, 1), (x.shape[0], number, 1), device=x.device)
    places = (starts + torch.arange(length, device=x.device)).flatten(1)
    return torch.zeros((x.shape[0], count), dtype=torch.bool, device=x.device).scatter_(1, places, True)


class Listening(Model):
    """A second of sound at 16 kHz where nobody gives another."""

    def inputs(self):
        return {"input_values": "float32[B, 16000]"}

    def targets(self):
        return {"labels": "int64[B]"} if type(self).__name__.endswith("ForSequenceClassification") else {}


class Wav2Vec2Model(Listening):
    def __init__(self, config):
        super().__init__(config)
        self.feature_extractor = FeatureEncoder(config)
        self.feature_projection = FeatureProjection(config)
        if config.mask_time_prob > 0.0 or config.mask_feature_prob > 0.0:
            self.masked_spec_embed = nn.Parameter(torch.Tensor(config.hidden_size).uniform_())
        self.encoder = SpeechEncoder(config)
        self.adapter = Adapter(config) if config.add_adapter else None

    def masked(self, x):
        """Spans of time and of features hidden at random, in training."""
        config = self.config
        if not config.apply_spec_augment or not self.training:
            return x
        if config.mask_time_prob > 0:
            marked = spans(x, x.shape[1], config.mask_time_length, config.mask_time_prob, config.mask_time_min_masks)
            x[marked] = self.masked_spec_embed.to(x.dtype)
        if config.mask_feature_prob > 0:
            marked = spans(x, x.shape[2], config.mask_feature_length, config.mask_feature_prob, config.mask_feature_min_masks)
            x[marked[:, None].expand(-1, x.shape[1], -1)] = 0
        return x

    def lengths(self, counts):
        for kernel, stride in zip(self.config.conv_kernel, self.config.conv_stride):
            counts = torch.div(counts - kernel, stride, rounding_mode="floor") + 1
        return counts

    def shortened(self, mask, length):
        """The mask of the signal as one of its features."""
        ends = self.lengths(mask.sum(-1)).to(torch.long)
        short = torch.zeros((mask.shape[0], length), dtype=mask.dtype, device=mask.device)
        short[(torch.arange(mask.shape[0], device=mask.device), ends - 1)] = 1
        return short.flip([-1]).cumsum(-1).flip([-1]).bool()

    def forward(self, input_values=None, attention_mask=None, states=None, **kwargs):
        features = self.feature_extractor(input_values)
        features = features.transpose(1, 2)
        mask = None if attention_mask is None else self.shortened(attention_mask, features.shape[1])
        projected, normed = self.feature_projection(features)
        features = self.kept(features, normed)
        normed = None
        projected = self.masked(projected)
        x = self.encoder(projected, mask, states)
        if self.adapter is not None:
            x = self.adapter(x)
        return self.answer(x, features)

    def kept(self, features, normed):
        """Which features stay until the end: the normed ones, which are handed back."""
        return normed

    def answer(self, x, features):
        return Output(last_hidden_state=x, extract_features=features)


class Wav2Vec2ForCTC(Listening):
    base, name = Wav2Vec2Model, "wav2vec2"

    def __init__(self, config):
        super().__init__(config)
        setattr(self, self.name, self.base(config))
        self.dropout = nn.Dropout(config.final_dropout)
        self.lm_head = nn.Linear(config.output_hidden_size if config.add_adapter else config.hidden_size, config.vocab_size)

    def forward(self, input_values=None, attention_mask=None, labels=None, **kwargs):
        body = getattr(self, self.name)
        out = body(input_values, attention_mask)
        logits = self.lm_head(self.dropout(out.last_hidden_state))
        loss = None
        if labels is not None:
            given = torch.ones_like(input_values, dtype=torch.long) if attention_mask is None else attention_mask
            ends, real = body.lengths(given.sum(-1)).to(torch.long), labels >= 0
            chances = nn.functional.log_softmax(logits, dim=-1, dtype=torch.float32).transpose(0, 1)
            config = self.config
            loss = nn.functional.ctc_loss(chances, labels.masked_select(real), ends, real.sum(-1), blank=config.pad_token_id, reduction=config.ctc_loss_reduction, zero_infinity=config.ctc_zero_infinity)
        return Output(loss=loss, logits=logits)


class Wav2Vec2ForSequenceClassification(Listening):
    """A class for a sound; the states of all layers are kept for it, weighed or not."""

    base, name = Wav2Vec2Model, "wav2vec2"

    def __init__(self, config):
        super().__init__(config)
        if config.add_adapter:
            raise ValueError("add_adapter is set, but sequence classification has no adapters")
        setattr(self, self.name, self.base(config))
        if config.use_weighted_layer_sum:
            layers = config.num_hidden_layers + 1
            self.layer_weights = nn.Parameter(torch.ones(layers) / layers)
        self.projector = nn.Linear(config.hidden_size, config.classifier_proj_size)
        self.classifier = nn.Linear(config.classifier_proj_size, config.num_labels)

    def forward(self, input_values=None, attention_mask=None, labels=None, **kwargs):
        body = getattr(self, self.name)
        states = []
        out = body(input_values, attention_mask, states)
        if self.config.use_weighted_layer_sum:
            x = torch.stack(states, dim=1)
            weights = nn.functional.softmax(self.layer_weights, dim=-1)
            x = (x * weights.view(-1, 1, 1)).sum(dim=1)
        else:
            x = out.last_hidden_state
        x = self.projector(x)
        if attention_mask is None:
            pooled = x.mean(dim=1)
        else:
            mask = body.shortened(attention_mask, x.shape[1])
            x[~mask.unsqueeze(-1).repeat(1, 1, x.shape[2])] = 0.0
            pooled = x.sum(dim=1) / mask.sum(dim=1).view(-1, 1)
        logits = self.classifier(pooled)
        loss = None if labels is None else plain_loss(logits, labels, self.config.num_labels)
        return Output(loss=loss, logits=logits)
