"""BigBird: BERT whose blocks of tokens attend to a few other blocks; short texts attend to all of themselves."""
import torch
from torch import nn

from .bert import BertConfig, BertPreTrainingHeads
from .parts.activations import activation
from .parts.block import Block
from .parts.block_sparse import BlockMasks, BlockSparseAttention, checked, sees_all
from .parts.cache import Cache
from .parts.encoder import Embeddings, Intermediate, ResidualOutput
from .parts.encoder_heads import ClassificationHead, ForChoice, ForClassOfFirst, ForTokens, ForWords, Headed
from .parts.heads import Model, spans
from .parts.losses import plain_loss
from .parts.masks import padding_mask
from .parts.output import Output


class BigBirdConfig(BertConfig):
    model_type = "big_bird"
    eager_only = True
    defaults = dict(
        BertConfig.defaults,
        vocab_size=50358,
        hidden_act="gelu_new",
        max_position_embeddings=4096,
        sep_token_id=66,
        attention_type="block_sparse",
        use_bias=True,
        rescale_embeddings=False,
        block_size=64,
        num_random_blocks=3,
    )

    def complete(self, given):
        checked(self)
        if self.add_cross_attention:
            raise NotImplementedError("BigBird with add_cross_attention is not defined")


class BigBirdEmbeddings(Embeddings):
    def __init__(self, config):
        super().__init__(config)
        self.scale = config.hidden_size**0.5 if config.rescale_embeddings else None

    def forward(self, input_ids=None, token_type_ids=None, position_ids=None, inputs_embeds=None, past=0):
        words = self.word_embeddings(input_ids) if inputs_embeds is None else inputs_embeds
        length = words.shape[1]
        if position_ids is None:
            position_ids = self.position_ids[:, past : length + past]
        if self.scale is not None:
            words = words * self.scale
        kind = self.token_type_embeddings(token_type_ids)
        x = words + kind
        place = self.position_embeddings(position_ids)
        x += place
        x = self.dropout(x)
        return self.LayerNorm(x)


class BigBirdAttention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.self = BlockSparseAttention(config, layer)
        self.output = ResidualOutput(config, config.hidden_size)

    def forward(self, x, mask=None, masks=None, cache=None):
        out, weights = self.self(x, mask, masks, cache)
        out = self.output(out, x)
        return out, weights


class BigBirdLayer(Block):
    def __init__(self, config, layer):
        super().__init__()
        self.attention = BigBirdAttention(config, layer)
        self.intermediate = Intermediate(config)
        self.output = ResidualOutput(config, config.intermediate_size)

    def forward(self, x, mask=None, masks=None, cache=None):
        attended, weights = self.attention(x, mask, masks, cache)
        return self.feed(attended)

    def feed(self, x):
        inner = self.intermediate(x)
        return self.output(inner, x)


class BigBirdEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layer = nn.ModuleList([BigBirdLayer(config, i) for i in range(config.num_hidden_layers)])

    def forward(self, x, mask=None, masks=None, cache=None):
        for layer in self.layer:
            x = layer(x, mask, masks, cache)
        return x


class BigBirdModel(Model):
    """A text that does not attend to all of itself is padded to whole blocks."""

    def __init__(self, config, pooling=True):
        super().__init__(config)
        self.embeddings = BigBirdEmbeddings(config)
        self.encoder = BigBirdEncoder(config)
        self.pooler = nn.Linear(config.hidden_size, config.hidden_size) if pooling else None
        self.activation = nn.Tanh() if pooling else None

    def forward(self, input_ids=None, attention_mask=None, token_type_ids=None, position_ids=None, inputs_embeds=None, past_key_values=None, use_cache=None, **kwargs):
        config = self.config
        use_cache = config.is_decoder and self.caches(use_cache)
        if use_cache and past_key_values is None:
            past_key_values = Cache()
        past = 0 if past_key_values is None else past_key_values.length()
        given = input_ids if inputs_embeds is None else inputs_embeds
        batch, length = given.shape[:2]
        if token_type_ids is None:
            token_type_ids = self.embeddings.token_type_ids[:, :length].expand(batch, length)
        whole = sees_all(config, length)
        missing = 0 if whole else -length % config.block_size
        if attention_mask is None and not whole:
            attention_mask = torch.ones((batch, length), device=given.device)
        if missing > 0:
            pad = nn.functional.pad
            if inputs_embeds is None:
                input_ids = pad(input_ids, (0, missing), value=config.pad_token_id)
            else:
                more = inputs_embeds.new_full((batch, missing), config.pad_token_id, dtype=torch.long)
                inputs_embeds = torch.cat([inputs_embeds, self.embeddings.word_embeddings(more)], dim=-2)
            if position_ids is not None:
                position_ids = pad(position_ids, (0, missing), value=config.pad_token_id)
            attention_mask = pad(attention_mask, (0, missing), value=False)
            token_type_ids = pad(token_type_ids, (0, missing), value=0)
        embedded = self.embeddings(input_ids, token_type_ids, position_ids, inputs_embeds, past)
        mask = padding_mask(config, embedded, attention_mask) if whole else None
        masks = None if whole else BlockMasks(attention_mask, config.block_size)
        x = self.encoder(embedded, mask, masks, past_key_values)
        pooled = None if self.pooler is None else self.activation(self.pooler(x[:, 0, :]))
        if missing > 0:
            x = x[:, :-missing]
        return Output(last_hidden_state=x, pooler_output=pooled, past_key_values=past_key_values if use_cache else None)


class BigBirdForMaskedLM(ForWords):
    base, pooling = BigBirdModel, True


class BigBirdForCausalLM(ForWords):
    base, pooling = BigBirdModel, True
    causal = True


class BigBirdForPreTraining(ForWords):
    base, pooling = BigBirdModel, True

    def make_head(self, config):
        return BertPreTrainingHeads(config)

    def forward(self, input_ids=None, labels=None, next_sentence_label=None, **kwargs):
        out = self.body(input_ids, **kwargs)
        words, follows = self.cls(out.last_hidden_state, out.pooler_output)
        loss = None if labels is None else plain_loss(words, labels, self.config.vocab_size)
        if next_sentence_label is not None and loss is not None:
            loss = loss + plain_loss(follows, next_sentence_label, 2)
        return Output(loss=loss, prediction_logits=words, seq_relationship_logits=follows)


class BigBirdClassificationHead(ClassificationHead):
    def __init__(self, config):
        super().__init__(config)
        self.act = activation(config.hidden_act)

    def forward(self, x):
        x = self.act(self.dense(self.dropout(x[:, 0, :])))
        return self.out_proj(self.dropout(x))


class BigBirdForSequenceClassification(ForClassOfFirst):
    base, pooling = BigBirdModel, True
    head_class = BigBirdClassificationHead


class BigBirdForMultipleChoice(ForChoice):
    base = BigBirdModel


class BigBirdForTokenClassification(ForTokens):
    base, pooling = BigBirdModel, True


class BigBirdForQuestionAnsweringHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.intermediate = Intermediate(config)
        self.output = ResidualOutput(config, config.intermediate_size)
        self.qa_outputs = nn.Linear(config.hidden_size, config.num_labels)

    def forward(self, x):
        inner = self.dropout(x)
        inner = self.intermediate(inner)
        inner = self.output(inner, x)
        return self.qa_outputs(inner)


class BigBirdForQuestionAnswering(Headed):
    """Spans outside the question, which ends at the first separator."""

    base = BigBirdModel

    def __init__(self, config):
        config.num_labels = 2
        super().__init__(config)
        self.qa_classifier = BigBirdForQuestionAnsweringHead(config)

    def forward(self, input_ids=None, question_lengths=None, token_type_ids=None, start_positions=None, end_positions=None, **kwargs):
        if question_lengths is None:
            question_lengths = torch.argmax(input_ids.eq(self.config.sep_token_id).int(), dim=-1) + 1
            question_lengths.unsqueeze_(1)
        places = torch.arange(0, input_ids.size(1)).to(question_lengths.device)
        places.unsqueeze_(0)
        question = torch.where(places < question_lengths, 1, 0)
        if token_type_ids is None:
            token_type_ids = torch.ones(question.size(), dtype=int, device=question.device) - question
        question[:, 0] = False
        question.unsqueeze_(2)
        out = self.body(input_ids, token_type_ids=token_type_ids, **kwargs)
        logits = self.qa_classifier(out.last_hidden_state)
        logits = logits - question * 1000000.0
        return spans(logits, start_positions, end_positions)
