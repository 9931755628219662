"""What stands on a model of sound: text, a class of the whole or of each frame, a speaker's vector, pre-training."""
import torch
from torch import nn

from .losses import plain_loss
from .output import Output
from .speech import Listening, feature_counts


class CTCHead(Listening):
    """Letters for each feature, whose loss is over all ways to spread the text over them."""

    base, name = None, ""

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


class LayerMixture(Listening):
    """A head that keeps the states of all layers, weighed together where the config says it."""

    base, name = None, ""

    def __init__(self, config):
        super().__init__(config)
        if config.add_adapter:
            raise ValueError("add_adapter is set, but this head has no adapters")
        setattr(self, self.name, self.base(config))
        if config.use_weighted_layer_sum:
            layers = config.num_hidden_layers + 1
            self.layer_weights = nn.Parameter(torch.ones(layers) / layers)

    def mixed(self, input_values, attention_mask, states):
        out = getattr(self, self.name)(input_values, attention_mask, states=states)
        if not self.config.use_weighted_layer_sum:
            return out.last_hidden_state
        x = torch.stack(states, dim=1)
        weights = nn.functional.softmax(self.layer_weights, dim=-1)
        return (x * weights.view(-1, 1, 1)).sum(dim=1)


class ClassHead(LayerMixture):
    """A class for a sound."""

    def __init__(self, config):
        super().__init__(config)
        self.projector = nn.Linear(config.hidden_size, config.classifier_proj_size)
        self.classifier = nn.Linear(config.classifier_proj_size, config.num_labels)

    def forward(self, input_values=None, attention_mask=None, labels=None, **kwargs):
        states = []
        x = self.mixed(input_values, attention_mask, states)
        x = self.projector(x)
        if attention_mask is None:
            pooled = x.mean(dim=1)
        else:
            mask = getattr(self, self.name).shortened(attention_mask, x.shape[1])
            x[~mask.unsqueeze(-1).repeat(1, 1, x.shape[2])] = 0.0
            pooled = x.sum(dim=1) / mask.sum(dim=1).view(-1, 1)
        logits = self.classifier(pooled)
        loss = None if labels is None else plain_loss(logits, labels, self.config.num_labels)
        return Output(loss=loss, logits=logits)


class FrameHead(LayerMixture):
    """A class for each feature."""

    def __init__(self, config):
        super().__init__(config)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels)

    def targets(self):
        return {"labels": f"float32[B, {feature_counts(self.config, 16000)}, {self.config.num_labels}]"}

    def forward(self, input_values=None, attention_mask=None, labels=None, **kwargs):
        states, classes = [], self.config.num_labels
        logits = self.classifier(self.mixed(input_values, attention_mask, states))
        loss = None
        if labels is not None:
            loss = nn.functional.cross_entropy(logits.view(-1, classes), torch.argmax(labels.view(-1, classes), axis=1))
        return Output(loss=loss, logits=logits)


class TimeDelay(nn.Module):
    """A linear layer over neighbouring features, run as a convolution."""

    def __init__(self, config, index):
        super().__init__()
        self.before, self.size = config.tdnn_dim[max(index - 1, 0)], config.tdnn_dim[index]
        self.reach, self.dilation = config.tdnn_kernel[index], config.tdnn_dilation[index]
        self.kernel = nn.Linear(self.before * self.reach, self.size)
        self.activation = nn.ReLU()

    def forward(self, x):
        x = x.transpose(1, 2)
        weight = self.kernel.weight.view(self.size, self.reach, self.before).transpose(1, 2)
        x = nn.functional.conv1d(x, weight, self.kernel.bias, dilation=self.dilation)
        x = x.transpose(1, 2)
        return self.activation(x)


class MarginLoss(nn.Module):
    """Cross entropy of cosines, those of the right classes made smaller by a margin."""

    def __init__(self, size, classes):
        super().__init__()
        self.classes = classes
        self.weight = nn.Parameter(torch.randn(size, classes))

    def forward(self, x, labels):
        labels = labels.flatten()
        weight = nn.functional.normalize(self.weight, dim=0)
        x = nn.functional.normalize(x, dim=1)
        cosines = torch.mm(x, weight)
        lowered = cosines - 0.4
        right = nn.functional.one_hot(labels, self.classes)
        logits = 30.0 * torch.where(right.bool(), lowered, cosines)
        return nn.functional.cross_entropy(logits, labels)


class VoiceHead(LayerMixture):
    """A vector that tells who speaks, from the mean and spread of all features; of the longest sound's where a mask is given."""

    def __init__(self, config):
        super().__init__(config)
        widths, size = config.tdnn_dim, config.xvector_output_dim
        self.projector = nn.Linear(config.hidden_size, widths[0])
        self.tdnn = nn.ModuleList([TimeDelay(config, i) for i in range(len(widths))])
        self.feature_extractor = nn.Linear(widths[-1] * 2, size)
        self.classifier = nn.Linear(size, size)
        self.objective = MarginLoss(size, config.num_labels)

    def targets(self):
        return {"labels": "int64[B]"}

    def forward(self, input_values=None, attention_mask=None, labels=None, **kwargs):
        states = []
        x = self.projector(self.mixed(input_values, attention_mask, states))
        for layer in self.tdnn:
            x = layer(x)
        if attention_mask is None:
            mean, spread = x.mean(dim=1), x.std(dim=1)
        else:
            mean, spread = torch.stack([one.mean(dim=0) for one in x]), torch.stack([one.std(dim=0) for one in x])
        pooled = torch.cat([mean, spread], dim=-1)
        embedded = self.feature_extractor(pooled)
        logits = self.classifier(embedded)
        loss = None if labels is None else self.objective(logits, labels)
        return Output(loss=loss, logits=logits, embeddings=embedded)


class Quantizer(nn.Module):
    """Features as pairs of learned vectors, chosen at random in training; and how evenly all are used."""

    def __init__(self, config):
        super().__init__()
        self.groups, self.count = config.num_codevector_groups, config.num_codevectors_per_group
        if config.codevector_dim % self.groups != 0:
            raise ValueError(f"codevector_dim {config.codevector_dim} is not a multiple of num_codevector_groups {self.groups}")
        self.codevectors = nn.Parameter(torch.FloatTensor(1, self.groups * self.count, config.codevector_dim // self.groups))
        self.weight_proj = nn.Linear(config.conv_dim[-1], self.groups * self.count)

    def evenness(self, chances, mask):
        if mask is None:
            mean = chances.mean(dim=0)
        else:
            wide = mask.flatten()[:, None, None].expand(chances.shape)
            chances = torch.where(wide, chances, torch.zeros_like(chances))
            mean = chances.sum(dim=0) / mask.sum()
        return torch.exp(-torch.sum(torch.xlogy(mean, mean), dim=-1)).sum()

    def forward(self, x, mask):
        batch, length, _ = x.shape
        count = batch * length
        x = self.weight_proj(x)
        x = x.view(count * self.groups, -1)
        if self.training:
            chosen = nn.functional.gumbel_softmax(x.float(), tau=2, hard=True).type_as(x)
            soft = torch.softmax(x.view(count, self.groups, -1).float(), dim=-1)
            even = self.evenness(soft, mask)
        else:
            best = x.argmax(dim=-1)
            chosen = x.new_zeros(x.shape).scatter_(-1, best.view(-1, 1), 1.0)
            chosen = chosen.view(count, self.groups, -1)
            even = self.evenness(chosen, mask)
        chosen = chosen.view(count, -1)
        vectors = chosen.unsqueeze(-1) * self.codevectors
        found = vectors.view(count, self.groups, self.count, -1)
        return found.sum(-2).view(batch, length, -1), even


class PreTrainingHead(Listening):
    """Hidden features told from others of the same sound."""

    base, name = None, ""

    def __init__(self, config):
        super().__init__(config)
        setattr(self, self.name, self.base(config))
        self.dropout_features = nn.Dropout(config.feat_quantizer_dropout)
        self.quantizer = Quantizer(config)
        self.project_hid = nn.Linear(config.hidden_size, config.proj_codevector_dim)
        self.project_q = nn.Linear(config.codevector_dim, config.proj_codevector_dim)

    def targets(self):
        count = feature_counts(self.config, 16000)
        return {
            "mask_time_indices": f"int64[B, {count}]",
            "sampled_negative_indices": f"int64[B, {count}, {self.config.num_negatives}]",
        }

    def forward(self, input_values=None, attention_mask=None, mask_time_indices=None, sampled_negative_indices=None, **kwargs):
        hidden = None if mask_time_indices is None else mask_time_indices.to(torch.bool)
        body = getattr(self, self.name)
        out = body(input_values, attention_mask, mask_time_indices=hidden)
        predicted = self.project_hid(out.last_hidden_state)
        features = self.dropout_features(out.extract_features)
        mask = None if attention_mask is None else body.shortened(attention_mask, features.shape[1])
        quantized, even = self.quantizer(features, hidden)
        quantized = quantized.to(self.project_q.weight.dtype)
        quantized = self.project_q(quantized)
        loss = contrast = spread = None
        if sampled_negative_indices is not None:
            batch, length, size = quantized.shape
            config = self.config
            others = quantized.view(-1, size)[sampled_negative_indices.long().view(-1)]
            others = others.view(batch, length, -1, size).permute(2, 0, 1, 3)
            together = torch.cat([quantized[None, :], others], dim=0)
            logits = torch.cosine_similarity(predicted.float(), together.float(), dim=-1).type_as(together)
            logits = logits / config.contrastive_logits_temperature
            together = None
            same = (quantized == others).all(-1)
            same.any()
            logits = logits.transpose(0, 2).reshape(-1, logits.size(0))
            target = ((1 - hidden.long()) * -100).transpose(0, 1).flatten()
            contrast = nn.functional.cross_entropy(logits.float(), target, reduction="sum")
            count = config.num_codevectors_per_group * config.num_codevector_groups
            spread = (count - even) / count * hidden.sum()
            loss = contrast + config.diversity_loss_weight * spread
        return Output(loss=loss, projected_states=predicted, projected_quantized_states=quantized, codevector_perplexity=even, contrastive_loss=contrast, diversity_loss=spread)
