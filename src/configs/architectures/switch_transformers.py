"""Switch Transformers: T5 where some layers send each token to one of many feed-forwards."""
import torch
from torch import nn

from .parts.masks import decoder_mask
from .t5 import T5Block, T5Config, T5Dense, T5EncoderModel, T5ForConditionalGeneration, T5LayerNorm, T5Model, T5Stack


class SwitchTransformersConfig(T5Config):
    model_type = "switch_transformers"
    eager_only = True
    defaults = dict(
        T5Config.defaults,
        d_model=768,
        expert_capacity=64,
        num_layers=12,
        num_sparse_encoder_layers=3,
        num_decoder_layers=12,
        num_sparse_decoder_layers=3,
        num_heads=12,
        num_experts=8,
        router_bias=False,
        router_jitter_noise=0.01,
        router_dtype="float32",
        dense_act_fn="relu",
    )

    def complete(self, given):
        self.num_decoder_layers = self.num_layers if self.num_decoder_layers is None else self.num_decoder_layers
        self.gated = False
        self.scale_outputs = self.tie_word_embeddings
        #: How many layers lie from one sparse layer to the next, in the encoder and in the decoder.
        self.encoder_step = self.num_layers // (self.num_sparse_encoder_layers or 1)
        self.decoder_step = self.num_decoder_layers // (self.num_sparse_decoder_layers or 1)

    def is_sparse(self, decodes, layer):
        step = self.decoder_step if decodes else self.encoder_step
        return step == 1 or (step > 0 and layer % step == 1)


class Top1Router(nn.Module):
    """The best expert of each token, and its share; in a type of its own."""

    def __init__(self, config):
        super().__init__()
        self.count, self.capacity, self.noise = config.num_experts, config.expert_capacity, config.router_jitter_noise
        self.classifier = nn.Linear(config.d_model, self.count, bias=config.router_bias)
        self.dtype = getattr(torch, config.router_dtype)

    def forward(self, x):
        dtype = x.dtype
        x = x.to(self.dtype)
        if self.training and self.noise > 0:
            x *= torch.empty_like(x).uniform_(1.0 - self.noise, 1.0 + self.noise)
        self.classifier = self.classifier.to(self.dtype)
        logits = self.classifier(x)
        shares = nn.functional.softmax(logits, dim=-1, dtype=self.dtype).to(dtype)
        best, chosen = torch.max(shares, dim=-1, keepdim=True)
        chosen = nn.functional.one_hot(chosen, num_classes=self.count)
        place = torch.cumsum(chosen, dim=-2)
        chosen = chosen * (place <= self.capacity)
        shares = torch.max(shares, dim=-1).values.unsqueeze(-1)
        return shares, chosen, best


class SwitchTransformersExperts(nn.ModuleDict):
    """Feed-forwards of which each token uses one; the load is taken as even, since the tokens decide it."""

    def __init__(self, config):
        super().__init__()
        self.count = config.num_experts
        for i in range(self.count):
            self[f"expert_{i}"] = T5Dense(config)

    def forward(self, x, chosen, shares):
        out = torch.zeros_like(x)
        rows, tokens = torch.arange(x.shape[0], device=x.device), x.shape[0]
        for i in range(min(self.count, tokens)):
            mine = rows[i * tokens // self.count : (i + 1) * tokens // self.count] if tokens > self.count else rows[i : i + 1]
            found = x[None, mine].reshape(-1, x.shape[-1])
            found = self[f"expert_{i}"](found) * shares[mine, torch.zeros_like(mine), None]
            out.index_add_(0, mine, found.to(x.dtype))
        return out


class SwitchTransformersSparseMLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.router = Top1Router(config)
        self.experts = SwitchTransformersExperts(config)

    def forward(self, x):
        shape = x.shape
        x = x.view(-1, shape[-1])
        _, chosen, shares = self.router(x)
        x = self.experts(x, chosen, shares)
        return x.reshape(shape)


class SwitchTransformersLayerFF(nn.Module):
    def __init__(self, config, sparse):
        super().__init__()
        self.mlp = SwitchTransformersSparseMLP(config) if sparse else T5Dense(config)
        self.layer_norm = T5LayerNorm(config.d_model, eps=config.layer_norm_epsilon)
        self.dropout = nn.Dropout(config.dropout_rate)

    def forward(self, x):
        inner = self.layer_norm(x)
        inner = self.mlp(inner)
        return x + self.dropout(inner)


class SwitchTransformersBlock(T5Block):
    def feed_forward(self, config, decodes, layer):
        return SwitchTransformersLayerFF(config, config.is_sparse(decodes, layer))


class SwitchTransformersStack(T5Stack):
    block_class = SwitchTransformersBlock

    def mask(self, x, padding, cache):
        if padding is None:
            past = 0 if cache is None else cache.length()
            padding = torch.ones(x.shape[0], past + x.shape[1], device=x.device)
        if self.decodes:
            return decoder_mask(self.config, x, padding, None, cache)
        mask = padding[:, None, None, :]
        mask = mask.to(dtype=x.dtype)
        return (1.0 - mask) * torch.finfo(x.dtype).min


class SwitchTransformersModel(T5Model):
    stack_class = SwitchTransformersStack


class SwitchTransformersForConditionalGeneration(T5ForConditionalGeneration):
    stack_class = SwitchTransformersStack

    def __init__(self, config):
        super().__init__(config)
        if not config.tie_word_embeddings:
            self.lm_head.weight = nn.Parameter(torch.empty(config.vocab_size, config.d_model))


class SwitchTransformersEncoderModel(T5EncoderModel):
    stack_class = SwitchTransformersStack
