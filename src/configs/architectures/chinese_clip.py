"""Chinese CLIP: BERT over text and CLIP's encoder over images, which meet in one space."""
import torch
from torch import nn

from .bert import BertConfig
from .clip import CLIPConfig, CLIPVisionConfig, CLIPVisionModel
from .parts.encoder import Embeddings, EncoderModel
from .parts.heads import Model
from .parts.output import Output


class ChineseCLIPTextConfig(BertConfig):
    model_type = "chinese_clip_text_model"
    whole_heads = True


class ChineseCLIPVisionConfig(CLIPVisionConfig):
    model_type = "chinese_clip_vision_model"


class ChineseCLIPConfig(CLIPConfig):
    model_type = "chinese_clip"
    sub_configs = {"text_config": "chinese_clip_text_model", "vision_config": "chinese_clip_vision_model"}


class ChineseCLIPTextEmbeddings(Embeddings):
    def forward(self, input_ids=None, token_type_ids=None, position_ids=None, inputs_embeds=None, past=0):
        if inputs_embeds is None:
            inputs_embeds = self.word_embeddings(input_ids)
        batch, length = inputs_embeds.shape[:2]
        if position_ids is None:
            position_ids = self.position_ids[:, :length]
        if token_type_ids is None:
            token_type_ids = self.token_type_ids[:, :length].expand(batch, length)
        kind = self.token_type_embeddings(token_type_ids)
        x = inputs_embeds + kind
        place = self.position_embeddings(position_ids)
        x += place
        x = self.LayerNorm(x)
        return self.dropout(x)


class ChineseCLIPTextModel(EncoderModel):
    embeddings_class = ChineseCLIPTextEmbeddings


class ChineseCLIPVisionModel(CLIPVisionModel):
    pass


class ChineseCLIPModel(Model):
    """The text's vector is that of its first token."""

    def __init__(self, config):
        super().__init__(config)
        text, vision = config.text_config, config.vision_config
        self.text_model = ChineseCLIPTextModel(text, pooling=False)
        self.vision_model = ChineseCLIPVisionModel(vision)
        self.visual_projection = nn.Linear(vision.hidden_size, config.projection_dim, bias=False)
        self.text_projection = nn.Linear(text.hidden_size, config.projection_dim, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(config.logit_scale_init_value))

    def inputs(self):
        return {**self.text_model.inputs(), **self.vision_model.inputs()}

    def forward(self, input_ids=None, pixel_values=None, attention_mask=None, token_type_ids=None, return_loss=None, **kwargs):
        images = self.vision_model(pixel_values)
        image = self.visual_projection(images.pooler_output)
        texts = self.text_model(input_ids, attention_mask, token_type_ids)
        text = self.text_projection(texts.last_hidden_state[:, 0, :])
        image, text = (one / one.pow(2).sum(dim=-1, keepdim=True).pow(0.5) for one in (image, text))
        similarity = torch.matmul(text, image.t()) * self.logit_scale.exp()
        loss = None
        if return_loss:
            goal = torch.arange(len(similarity), device=similarity.device)
            loss = sum(nn.functional.cross_entropy(one, goal) for one in (similarity, similarity.t())) / 2.0
        return Output(loss=loss, logits_per_image=similarity.t(), logits_per_text=similarity, text_embeds=text, image_embeds=image, text_model_output=texts, vision_model_output=images)
