"""GPT-2: learned positions, one product for queries, keys and values, LayerNorm before each half."""
import torch
from torch import nn

from .parts.activations import activation
from .parts.attention import attend, split_heads
from .parts.block import Block
from .parts.cache import Cache, keep, keep_crossed
from .parts.config import Config
from .parts.conv1d import Conv1D
from .parts.heads import ForCausalLM, Model, SequenceHead, SpanHead, TokenHead
from .parts.losses import causal_loss
from .parts.masks import decoder_mask, is_eager, memory_mask as cross_mask
from .parts.output import Output


class GPT2Config(Config):
    model_type = "gpt2"
    attribute_map = {
        "hidden_size": "n_embd",
        "max_position_embeddings": "n_positions",
        "num_attention_heads": "n_head",
        "num_hidden_layers": "n_layer",
    }
    defaults = dict(
        vocab_size=50257,
        n_positions=1024,
        n_embd=768,
        n_layer=12,
        n_head=12,
        activation_function="gelu_new",
        resid_pdrop=0.1,
        embd_pdrop=0.1,
        attn_pdrop=0.1,
        layer_norm_epsilon=1e-5,
        summary_type="cls_index",
        summary_use_proj=True,
        summary_proj_to_labels=True,
        summary_first_dropout=0.1,
        scale_attn_weights=True,
        scale_attn_by_inverse_layer_idx=False,
        tie_word_embeddings=True,
    )


class GPT2Attention(nn.Module):
    def __init__(self, config, layer, cross=False):
        super().__init__()
        self.config, self.layer, self.cross = config, layer, cross
        size = config.hidden_size
        self.head_dim = size // config.num_attention_heads
        if self.head_dim * config.num_attention_heads != size:
            raise ValueError(f"n_embd {size} is not a multiple of n_head {config.num_attention_heads}")
        self.scale = self.head_dim**-0.5 if config.scale_attn_weights else 1.0
        if config.scale_attn_by_inverse_layer_idx:
            self.scale = self.scale / (layer + 1)
        self.c_attn = Conv1D((2 if cross else 3) * size, size)
        if cross:
            self.q_attn = Conv1D(size, size)
        self.c_proj = Conv1D(size, size)
        self.attn_dropout = nn.Dropout(config.attn_pdrop)
        self.resid_dropout = nn.Dropout(config.resid_pdrop)

    def forward(self, x, mask=None, cache=None, memory=None):
        size = self.config.hidden_size
        if self.cross:
            query = self.q_attn(x)
            key, value = self.c_attn(memory).split(size, dim=2)
        else:
            query, key, value = self.c_attn(x).split(size, dim=2)
        query, key, value = (split_heads(one, self.head_dim) for one in (query, key, value))
        if self.cross:
            key, value = keep_crossed(lambda: (key, value), None, self.layer)
        else:
            key, value = keep(key, value, cache, self.layer)
        dropout = self.attn_dropout.p if self.training else 0.0
        eager = is_eager(self.config)
        out, weights = attend(query, key, value, mask, not self.cross, self.scale, dropout, eager, wide=None)
        out = out.reshape(*x.shape[:-1], -1)
        out = self.c_proj(out)
        out = self.resid_dropout(out)
        return out, weights


class GPT2MLP(nn.Module):
    def __init__(self, width, config):
        super().__init__()
        self.c_fc = Conv1D(width, config.hidden_size)
        self.c_proj = Conv1D(config.hidden_size, width)
        self.act = activation(config.activation_function)
        self.dropout = nn.Dropout(config.resid_pdrop)

    def forward(self, x):
        x = self.c_fc(x)
        x = self.act(x)
        x = self.c_proj(x)
        return self.dropout(x)


class GPT2Block(Block):
    positional = 4
    attention_class = GPT2Attention

    def __init__(self, config, layer):
        super().__init__()
        size = config.hidden_size
        width = 4 * size if config.n_inner is None else config.n_inner
        self.ln_1 = nn.LayerNorm(size, eps=config.layer_norm_epsilon)
        self.attn = self.attention_class(config, layer)
        self.ln_2 = nn.LayerNorm(size, eps=config.layer_norm_epsilon)
        if config.add_cross_attention:
            self.crossattention = self.attention_class(config, layer, cross=True)
            self.ln_cross_attn = nn.LayerNorm(size, eps=config.layer_norm_epsilon)
        self.mlp = self.feed_forward(width, config)

    def feed_forward(self, width, config):
        return GPT2MLP(width, config)

    def forward(self, x, mask=None, cache=None, memory=None, memory_mask=None):
        before = x
        x = self.ln_1(x)
        out, weights = self.attn(x, mask, cache)
        x = out + before
        if memory is not None:
            before = x
            x = self.ln_cross_attn(x)
            crossed, weights = self.crossattention(x, memory_mask, memory=memory)
            x = before + crossed
        before = x
        x = self.ln_2(x)
        fed = self.mlp(x)
        return before + fed


class GPT2Model(Model):
    block_class = GPT2Block
    embed_name = "wte"

    def __init__(self, config):
        super().__init__(config)
        self.wte = nn.Embedding(config.vocab_size, config.hidden_size)
        self.wpe = nn.Embedding(config.max_position_embeddings, config.hidden_size)
        self.drop = nn.Dropout(config.embd_pdrop)
        self.h = nn.ModuleList([self.block_class(config, i) for i in range(config.num_hidden_layers)])
        self.ln_f = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_epsilon)

    def forward(self, input_ids=None, past_key_values=None, attention_mask=None, token_type_ids=None, position_ids=None, inputs_embeds=None, encoder_hidden_states=None, encoder_attention_mask=None, use_cache=None, **kwargs):
        use_cache = self.caches(use_cache)
        if use_cache and past_key_values is None:
            past_key_values = Cache()
        if inputs_embeds is None:
            inputs_embeds = self.wte(input_ids)
        past = 0 if past_key_values is None else past_key_values.length()
        if position_ids is None:
            position_ids = torch.arange(inputs_embeds.shape[1], device=inputs_embeds.device) + past
            position_ids = position_ids.unsqueeze(0)
        places = self.wpe(position_ids)
        x = inputs_embeds + places
        mask = decoder_mask(self.config, inputs_embeds, attention_mask, None, past_key_values, position_ids)
        memory_mask = cross_mask(self.config, x, encoder_attention_mask, encoder_hidden_states)
        if token_type_ids is not None:
            x = x + self.wte(token_type_ids)
        x = self.drop(x)
        for block in self.h:
            # A block that returns its weights keeps them until the next has run.
            outputs = block(x, mask, past_key_values, encoder_hidden_states, memory_mask)
            x = outputs[0] if isinstance(outputs, tuple) else outputs
        x = self.ln_f(x)
        return Output(last_hidden_state=x, past_key_values=past_key_values if use_cache else None)


class GPT2LMHeadModel(ForCausalLM):
    base = GPT2Model
    name = "transformer"


class GPT2SequenceSummary(nn.Module):
    """One vector for a sequence: its last token's, its first's, the mean, or that of a given position."""

    def __init__(self, config):
        super().__init__()
        self.kind = config.summary_type or "last"
        self.summary = nn.Identity()
        if config.summary_use_proj:
            classes = config.num_labels if config.summary_proj_to_labels and config.num_labels > 0 else config.hidden_size
            self.summary = nn.Linear(config.hidden_size, classes)
        self.activation = activation(config.summary_activation or "linear")
        self.first_dropout = nn.Dropout(config.summary_first_dropout or 0.0)
        self.last_dropout = nn.Dropout(config.summary_last_dropout or 0.0)

    def forward(self, x, index=None):
        if self.kind == "first":
            out = x[:, 0]
        elif self.kind == "mean":
            out = x.mean(dim=1)
        elif self.kind == "cls_index" and index is not None:
            index = index.unsqueeze(-1).unsqueeze(-1)
            out = x.gather(-2, index.expand(*index.shape[:-1], x.size(-1))).squeeze(-2)
        else:
            out = x[..., -1, :]
        return self.last_dropout(self.activation(self.summary(self.first_dropout(out))))


class GPT2DoubleHeadsModel(GPT2LMHeadModel):
    def __init__(self, config):
        config.num_labels = 1
        super().__init__(config)
        self.multiple_choice_head = GPT2SequenceSummary(config)

    def forward(self, input_ids=None, mc_token_ids=None, labels=None, mc_labels=None, **kwargs):
        out = self.transformer(input_ids, **kwargs)
        logits = self.lm_head(out.last_hidden_state)
        choices = self.multiple_choice_head(out.last_hidden_state, mc_token_ids).squeeze(-1)
        choice_loss = None
        if mc_labels is not None:
            choice_loss = nn.functional.cross_entropy(choices.view(-1, choices.size(-1)), mc_labels.view(-1))
        loss = None if labels is None else causal_loss(logits, labels, self.config.vocab_size)
        return Output(loss=loss, mc_loss=choice_loss, logits=logits, mc_logits=choices, past_key_values=out.past_key_values)


class GPT2ForSequenceClassification(SequenceHead):
    base = GPT2Model
    name = "transformer"


class GPT2ForTokenClassification(TokenHead):
    base = GPT2Model
    name = "transformer"
    head = "classifier"


class GPT2ForQuestionAnswering(SpanHead):
    base = GPT2Model
