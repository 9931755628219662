"""wav2vec 2.0: convolutions over the raw signal, and an encoder whose positions come from a convolution too."""
import torch
from torch import nn

from .parts.block import Block
from .parts.config import Config
from .parts.masks import padding_mask
from .parts.output import Output
from .parts.speech import Adapter, FeatureEncoder, FeatureProjection, FeedForward, Listening, PositionalConv, spans
from .parts.speech_heads import CTCHead, ClassHead, FrameHead, PreTrainingHead, VoiceHead
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
        feat_quantizer_dropout=0.0,
        num_codevectors_per_group=320,
        num_codevector_groups=2,
        contrastive_logits_temperature=0.1,
        num_negatives=100,
        codevector_dim=256,
        proj_codevector_dim=256,
        diversity_loss_weight=0.1,
        tdnn_dim=[512, 512, 512, 512, 1500],
        tdnn_kernel=[5, 3, 3, 1, 1],
        tdnn_dilation=[1, 2, 3, 1, 1],
        xvector_output_dim=512,
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
        self.layers = nn.ModuleList([self.layer(config, i) for i in range(config.num_hidden_layers)])

    def layer(self, config, index):
        return SpeechLayer(config)

    def placed(self, x, mask):
        """What the first layer reads: positions added, nothing where there is no sound."""
        if mask is not None:
            x[~mask.unsqueeze(-1).repeat(1, 1, x.shape[2])] = 0
        places = self.pos_conv_embed(x)
        x = x + places
        if not self.config.do_stable_layer_norm:
            x = self.layer_norm(x)
        return self.dropout(x)

    def forward(self, x, mask=None, states=None):
        """`states`: a list for what each layer reads and what the last one gives."""
        x = self.placed(x, mask)
        mask = padding_mask(self.config, x, mask)
        if states is not None:
            states.append(x)
        for layer in self.layers:
            chance = torch.rand([])
            if not (self.training and chance < self.config.layerdrop):
                x = layer(x, mask)
                if states is not None:
                    states.append(x)
        return self.layer_norm(x) if self.config.do_stable_layer_norm else x


class Wav2Vec2Model(Listening):
    encoder_class = SpeechEncoder

    def __init__(self, config):
        super().__init__(config)
        self.feature_extractor = FeatureEncoder(config)
        self.feature_projection = FeatureProjection(config)
        if config.mask_time_prob > 0.0 or config.mask_feature_prob > 0.0:
            self.masked_spec_embed = nn.Parameter(torch.Tensor(config.hidden_size).uniform_())
        self.encoder = self.encoder_class(config)
        self.adapter = Adapter(config) if config.add_adapter else None

    def masked(self, x, hidden):
        """Those features hidden that are told, or in training spans of time at random; spans of channels too."""
        config = self.config
        if not config.apply_spec_augment:
            return x
        if hidden is not None:
            x[hidden] = self.masked_spec_embed.to(x.dtype)
        if not self.training:
            return x
        batch, length, width = x.shape
        rows = torch.arange(batch, device=x.device)[:, None]
        if config.mask_time_prob > 0 and hidden is None:
            places = spans(x, length, config.mask_time_length, config.mask_time_prob, config.mask_time_min_masks)
            x[rows.expand(places.shape), places] = self.masked_spec_embed.to(x.dtype)
        if config.mask_feature_prob > 0:
            places = spans(x, width, config.mask_feature_length, config.mask_feature_prob, config.mask_feature_min_masks)
            times = torch.arange(length, device=x.device)[None, :, None]
            shape = (batch, length, places.shape[1])
            x[rows[:, :, None].expand(shape), times.expand(shape), places[:, None].expand(shape)] = 0
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

    def forward(self, input_values=None, attention_mask=None, mask_time_indices=None, states=None, **kwargs):
        features = self.feature_extractor(input_values)
        features = features.transpose(1, 2)
        mask = None if attention_mask is None else self.shortened(attention_mask, features.shape[1])
        projected, normed = self.feature_projection(features)
        features = self.kept(features, normed)
        normed = None
        projected = self.masked(projected, mask_time_indices)
        x = self.encoder(projected, mask, states)
        if self.adapter is not None:
            x = self.adapter(x)
        return self.answer(x, features)

    def kept(self, features, normed):
        """Which features stay until the end: the normed ones, which are handed back."""
        return normed

    def answer(self, x, features):
        return Output(last_hidden_state=x, extract_features=features)


class Wav2Vec2ForPreTraining(PreTrainingHead):
    base, name = Wav2Vec2Model, "wav2vec2"


class Wav2Vec2ForCTC(CTCHead):
    base, name = Wav2Vec2Model, "wav2vec2"


class Wav2Vec2ForSequenceClassification(ClassHead):
    base, name = Wav2Vec2Model, "wav2vec2"


class Wav2Vec2ForAudioFrameClassification(FrameHead):
    base, name = Wav2Vec2Model, "wav2vec2"


class Wav2Vec2ForXVector(VoiceHead):
    base, name = Wav2Vec2Model, "wav2vec2"
