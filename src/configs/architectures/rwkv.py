"""RWKV: token by token a decaying mean of values, and a mix with the token before, in place of attention."""
import torch
from torch import nn

from assay import kv_state

from .parts.block import Block
from .parts.config import Config
from .parts.heads import Model
from .parts.losses import causal_loss
from .parts.output import Output


class RwkvConfig(Config):
    model_type = "rwkv"
    attribute_map = {"max_position_embeddings": "context_length"}
    defaults = dict(
        vocab_size=50277,
        context_length=1024,
        hidden_size=4096,
        num_hidden_layers=32,
        layer_norm_epsilon=1e-5,
        rescale_every=6,
        tie_word_embeddings=False,
    )

    def complete(self, given):
        self.attention_hidden_size = self.attention_hidden_size or self.hidden_size
        self.intermediate_size = self.intermediate_size or 4 * self.hidden_size


def averaged(decay, first, key, value, state=None, keeps=False):
    """The weighted mean of the values up to each token, `[B, T, width]`, and the sums behind the last one; a maximum keeps them from overflowing."""
    out = torch.zeros_like(key)
    if state is None:
        total = torch.zeros_like(key[:, 0], dtype=torch.float32)
        weight = torch.zeros_like(key[:, 0], dtype=torch.float32)
        largest = torch.zeros_like(key[:, 0], dtype=torch.float32) - 1e38
    else:
        total, weight, largest = state
    decay = -torch.exp(decay)
    for i in range(key.shape[1]):
        now_key, now_value = key[:, i].float(), value[:, i]
        bound = torch.maximum(largest, now_key + first)
        before = torch.exp(largest - bound)
        now = torch.exp(now_key + first - bound)
        above = before * total + now * now_value
        below = before * weight + now
        out[:, i] = (above / below).to(out.dtype)
        following = torch.maximum(largest + decay, now_key)
        before = torch.exp(largest + decay - following)
        now = torch.exp(now_key - following)
        total = before * total + now * now_value
        weight = before * weight + now
        largest = following
    for one in (total, weight, largest):
        kv_state(one)
    return out, [total, weight, largest] if keeps or state is not None else None


class Mixed(nn.Module):
    """What both halves share: each token mixed with the one before it, in shares that are learned."""

    #: Which entry of the state holds the last token's vector.
    entry = 0

    def __init__(self, layer):
        super().__init__()
        self.layer = layer
        self.time_shift = nn.ZeroPad2d((0, 0, 1, -1))

    def before(self, x, state):
        kv_state(x, 2, read=True, axis=1, keeps=1)
        if x.size(1) == 1 and state is not None:
            return state[self.entry][:, :, self.layer]
        moved = self.time_shift(x)
        if state is not None:
            moved[:, 0] = state[self.entry][:, :, self.layer]
        return moved


class RwkvSelfAttention(Mixed):
    entry = 1

    def __init__(self, config, layer):
        super().__init__(layer)
        size, width = config.hidden_size, config.attention_hidden_size
        self.time_decay = nn.Parameter(torch.empty(width))
        self.time_first = nn.Parameter(torch.empty(width))
        self.time_mix_key = nn.Parameter(torch.empty(1, 1, size))
        self.time_mix_value = nn.Parameter(torch.empty(1, 1, size))
        self.time_mix_receptance = nn.Parameter(torch.empty(1, 1, size))
        self.key = nn.Linear(size, width, bias=False)
        self.value = nn.Linear(size, width, bias=False)
        self.receptance = nn.Linear(size, width, bias=False)
        self.output = nn.Linear(width, size, bias=False)

    def sources(self, x, state):
        moved = self.before(x, state)
        key = x * self.time_mix_key + moved * (1 - self.time_mix_key)
        value = x * self.time_mix_value + moved * (1 - self.time_mix_value)
        receptance = x * self.time_mix_receptance + moved * (1 - self.time_mix_receptance)
        key = self.key(key)
        value = self.value(value)
        receptance = torch.sigmoid(self.receptance(receptance))
        if state is not None:
            state[1][:, :, self.layer] = x[:, -1]
        return receptance, key, value

    def forward(self, x, state=None, keeps=False):
        receptance, key, value = self.sources(x, state)
        sums = None if state is None else tuple(one[:, :, self.layer] for one in state[2:])
        mean, sums = averaged(self.time_decay, self.time_first, key, value, sums, keeps)
        if sums is not None:
            for kept, one in zip(state[2:], sums):
                kept[:, :, self.layer] = one
        return self.output(receptance * mean)


class RwkvFeedForward(Mixed):
    def __init__(self, config, layer):
        super().__init__(layer)
        size, width = config.hidden_size, config.intermediate_size
        self.time_mix_key = nn.Parameter(torch.empty(1, 1, size))
        self.time_mix_receptance = nn.Parameter(torch.empty(1, 1, size))
        self.key = nn.Linear(size, width, bias=False)
        self.receptance = nn.Linear(size, size, bias=False)
        self.value = nn.Linear(width, size, bias=False)

    def forward(self, x, state=None):
        moved = self.before(x, state)
        key = x * self.time_mix_key + moved * (1 - self.time_mix_key)
        receptance = x * self.time_mix_receptance + moved * (1 - self.time_mix_receptance)
        key = torch.square(torch.relu(self.key(key)))
        value = self.value(key)
        receptance = torch.sigmoid(self.receptance(receptance))
        if state is not None:
            state[0][:, :, self.layer] = x[:, -1]
        return receptance * value


class RwkvBlock(Block):
    def __init__(self, config, layer):
        super().__init__()
        self.first = layer == 0
        if self.first:
            self.pre_ln = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_epsilon)
        self.ln1 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_epsilon)
        self.ln2 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_epsilon)
        self.attention = RwkvSelfAttention(config, layer)
        self.feed_forward = RwkvFeedForward(config, layer)

    def forward(self, x, state=None, keeps=False):
        if self.first:
            x = self.pre_ln(x)
        attended = self.attention(self.ln1(x), state, keeps)
        x = x + attended
        fed = self.feed_forward(self.ln2(x), state)
        return x + fed


class RwkvModel(Model):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = nn.Embedding(config.vocab_size, config.hidden_size)
        self.blocks = nn.ModuleList([RwkvBlock(config, i) for i in range(config.num_hidden_layers)])
        self.ln_out = nn.LayerNorm(config.hidden_size)

    def started(self, x):
        """Both halves' last tokens in the weights' type, and the three sums in float32: `[B, hidden, layers]` each."""
        shape = (x.shape[0], self.config.hidden_size, self.config.num_hidden_layers)
        state = [torch.zeros(*shape, dtype=x.dtype if i <= 1 else torch.float32, device=x.device) for i in range(5)]
        state[4] -= 1e30
        return state

    def forward(self, input_ids=None, attention_mask=None, inputs_embeds=None, state=None, use_cache=None, **kwargs):
        if use_cache is None:
            use_cache = self.config.use_cache and not self.training
        if inputs_embeds is None:
            inputs_embeds = self.embeddings(input_ids)
        if use_cache and state is None:
            state = self.started(inputs_embeds)
        x = inputs_embeds
        every = self.config.rescale_every
        for i, block in enumerate(self.blocks):
            x = block(x, state, use_cache)
            # Outside training the weights of later layers are halved as often, so that half precision does not overflow.
            if not self.training and every > 0 and (i + 1) % every == 0:
                x = x / 2
        return Output(last_hidden_state=self.ln_out(x), state=state)


class RwkvForCausalLM(Model):
    def __init__(self, config):
        super().__init__(config)
        self.rwkv = RwkvModel(config)
        self.head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.head.weight = self.rwkv.embeddings.weight

    def forward(self, input_ids=None, inputs_embeds=None, state=None, labels=None, use_cache=None, logits_to_keep=0, **kwargs):
        out = self.rwkv(input_ids, inputs_embeds=inputs_embeds, state=state, use_cache=use_cache)
        logits = self.head(out.last_hidden_state[:, -logits_to_keep:, :])
        loss = None if labels is None else causal_loss(logits, labels, self.config.vocab_size)
        return Output(loss=loss, logits=logits, state=out.state)
