"""What an `adapter_config.json` adds to a model: low-rank matrices, scaled activations, prompts. The base is frozen."""
import copy
import re

import torch
from torch import nn
from torch.nn import functional as F

from assay import assume

from .cache import Cache
from .conv1d import Conv1D

#: Layers that get matrices where the file names none, by model type; as the peft library has them.
TARGETS = {
    "q_proj v_proj": "bart opt gptj gpt_neo llama llama4 mistral mixtral stablelm gemma gemma2 gemma3_text qwen2 qwen3",
    "query_key_value": "bloom gpt_neox falcon chatglm",
    "query value": "bert roberta xlm-roberta electra layoutlm",
    "q v": "t5 mt5",
    "c_attn": "gpt2 gpt_bigcode",
    "query_proj value_proj": "deberta-v2",
    "in_proj": "deberta",
    "Wqkv": "mpt",
    "qkv_proj": "codegen",
    "q_proj v_proj fc1 fc2": "phi",
    "q_proj k_proj v_proj o_proj": "nemotron_h",
    "key value receptance output": "rwkv",
}

#: Layers that `all-linear` leaves out: of language models, and of classifiers.
HEADS = ["lm_head", "embed_out", "score", "classifier"]


def adapted(model, given):
    """The model with the adapter of an `adapter_config.json`'s values; all but the adapter is frozen."""
    kind = given.get("peft_type")
    for parameter in model.parameters():
        parameter.requires_grad = False
    if kind == "LORA":
        place(model, given, low_rank)
        train_biases(model, given)
    elif kind == "IA3":
        place(model, given, scaled)
    elif kind in ("PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING"):
        model = PromptedModel(model, given)
    else:
        raise ValueError(f"peft_type {kind} is not modelled")
    saved = list(given.get("modules_to_save") or [])
    if given.get("task_type") in ("SEQ_CLS", "TOKEN_CLS"):
        saved += ["classifier", "score"]
    for name, module in list(model.named_modules()):
        if is_target(name, saved) and ".base_layer" not in name:
            path, _, last = name.rpartition(".")
            setattr(model.get_submodule(path) if path else model, last, Copied(module))
    return model


class Copied(nn.Module):
    """A module that is trained whole: the frozen one stays, and a copy of it is used."""

    def __init__(self, module):
        super().__init__()
        self.original_module = module
        self.modules_to_save = nn.ModuleDict({"default": copy.deepcopy(module)})
        self.modules_to_save["default"].requires_grad_(True)

    @property
    def weight(self):
        return self.modules_to_save["default"].weight

    def forward(self, *given, **named):
        return self.modules_to_save["default"](*given, **named)


def default_targets(model):
    for targets, types in TARGETS.items():
        if type(model.config).model_type in types.split():
            return targets.split()
    raise ValueError(f"target_modules is missing, and no layers are the usual ones for {type(model.config).model_type}")


def is_target(name, targets):
    if isinstance(targets, str):
        return re.fullmatch(targets, name) is not None
    return any(name == one or name.endswith(f".{one}") for one in targets)


def in_layers(name, given):
    """Whether the layer's number is among those that get an adapter."""
    wanted = given.get("layers_to_transform")
    if wanted is None:
        return True
    numbers = re.search(r"\.(\d+)\.", name)
    return numbers is not None and int(numbers.group(1)) in (wanted if isinstance(wanted, list) else [wanted])


def place(model, given, make):
    """Puts an adapter around each layer that the file names."""
    if given.get("target_parameters"):
        raise ValueError("target_parameters is not modelled: matrices beside parameters that are no layers")
    targets = given.get("target_modules")
    targets = default_targets(model) if targets is None else targets
    found = 0
    for name, module in list(model.named_modules()):
        if targets == "all-linear":
            wanted = isinstance(module, (nn.Linear, Conv1D)) and not is_target(name, HEADS if given.get("task_type") == "SEQ_CLS" else HEADS[:2])
        else:
            wanted = is_target(name, targets)
        excluded = given.get("exclude_modules")
        if not wanted or not in_layers(name, given) or (excluded and is_target(name, excluded)):
            continue
        path, _, last = name.rpartition(".")
        setattr(model.get_submodule(path) if path else model, last, make(name, module, given))
        found += 1
    if found == 0:
        raise ValueError(f"target_modules {targets} names no layer of the model")


def of_pattern(name, patterns, otherwise):
    """A value for layers whose path ends as a pattern says."""
    for pattern, value in (patterns or {}).items():
        if re.match(rf"(.*\.)?({pattern})$", name):
            return value
    return otherwise


def low_rank(name, layer, given):
    rank = of_pattern(name, given.get("rank_pattern"), given.get("r", 8))
    dropout = given.get("lora_dropout", 0.0)
    if isinstance(layer, nn.Embedding):
        return LowRankEmbedding(layer, rank)
    if isinstance(layer, nn.Conv2d):
        return LowRankConv2d(layer, rank, dropout)
    if isinstance(layer, (nn.Linear, Conv1D)):
        return LowRankLinear(layer, rank, dropout, given.get("use_dora", False), given.get("lora_bias", False))
    raise ValueError(f"target_modules names {name}, a {type(layer).__name__}, which takes no low-rank matrices")


class LowRankLinear(nn.Module):
    """A linear layer and a product of two narrow matrices beside it; with DoRA each output has a length of its own."""

    def __init__(self, layer, rank, dropout, by_length, bias):
        super().__init__()
        self.base_layer = layer
        turned = isinstance(layer, Conv1D)
        width, out = layer.weight.shape if turned else layer.weight.shape[::-1]
        self.turned = turned
        self.lora_dropout = nn.ModuleDict({"default": nn.Dropout(dropout) if dropout > 0 else nn.Identity()})
        self.lora_A = nn.ModuleDict({"default": nn.Linear(width, rank, bias=False)})
        self.lora_B = nn.ModuleDict({"default": nn.Linear(rank, out, bias=bias)})
        self.lora_magnitude_vector = nn.ParameterDict({"default": nn.Parameter(torch.ones(out))} if by_length else {})

    @property
    def weight(self):
        return self.base_layer.weight

    def forward(self, x, *more):
        out = self.base_layer(x, *more)
        down, up = self.lora_A["default"], self.lora_B["default"]
        x = self.lora_dropout["default"](x.to(down.weight.dtype))
        if "default" not in self.lora_magnitude_vector:
            return out + up(down(x)) * 1.0
        if self.turned:
            assume("what DoRA keeps for the backward pass beside a weight that is stored the other way round is not settled")
        eye = torch.eye(down.weight.shape[1], device=x.device, dtype=x.dtype)
        added = up(down(eye)).T
        weight = self.base_layer.weight.T if self.turned else self.base_layer.weight
        length = torch.linalg.norm(weight + added.detach(), dim=1).detach()
        scale = (self.lora_magnitude_vector["default"] / length).view(1, -1)
        bias = getattr(self.base_layer, "bias", None)
        base = out if bias is None else out - bias
        return out + ((scale - 1) * base + scale * up(down(x)) * 1.0)


class LowRankEmbedding(nn.Module):
    """An embedding and two narrow matrices beside it."""

    def __init__(self, layer, rank):
        super().__init__()
        self.base_layer = layer
        count, width = layer.weight.shape
        self.lora_embedding_A = nn.ParameterDict({"default": nn.Parameter(torch.zeros(rank, count))})
        self.lora_embedding_B = nn.ParameterDict({"default": nn.Parameter(torch.zeros(width, rank))})

    @property
    def weight(self):
        return self.base_layer.weight

    def forward(self, x):
        down, up = self.lora_embedding_A["default"], self.lora_embedding_B["default"]
        return self.base_layer(x) + F.embedding(x, down.T) @ up.T * 1.0


class LowRankConv2d(nn.Module):
    """A convolution and two narrow ones beside it."""

    def __init__(self, layer, rank, dropout):
        super().__init__()
        self.base_layer = layer
        self.lora_dropout = nn.ModuleDict({"default": nn.Dropout(dropout) if dropout > 0 else nn.Identity()})
        down = nn.Conv2d(layer.in_channels, rank, layer.kernel_size, layer.stride, layer.padding, bias=False)
        self.lora_A = nn.ModuleDict({"default": down})
        self.lora_B = nn.ModuleDict({"default": nn.Conv2d(rank, layer.out_channels // layer.groups, 1, bias=False)})

    def forward(self, x):
        narrow = self.lora_A["default"](self.lora_dropout["default"](x))
        return self.base_layer(x) + self.lora_B["default"](narrow) * 1.0


def train_biases(model, given):
    which = given.get("bias", "none")
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            parameter.requires_grad = True
        elif name.endswith("bias") and (which == "all" or (which == "lora_only" and ".base_layer." in name)):
            parameter.requires_grad = True


def scaled(name, layer, given):
    feedforward = given.get("feedforward_modules") or []
    return Scaled(layer, is_target(name, feedforward))


class Scaled(nn.Module):
    """A linear layer whose inputs, in the feed-forward part, or outputs are multiplied by a learned vector (IA³)."""

    def __init__(self, layer, inside):
        super().__init__()
        self.base_layer, self.inside = layer, inside
        width, out = layer.weight.shape if isinstance(layer, Conv1D) else layer.weight.shape[::-1]
        self.ia3_l = nn.ParameterDict({"default": nn.Parameter(torch.ones((1, width) if inside else (out, 1)))})

    def forward(self, x, *more):
        by = 1 * self.ia3_l["default"].flatten()
        if self.inside:
            return self.base_layer((x.to(by.dtype) * by).to(x.dtype), *more)
        out = self.base_layer(x, *more)
        return (out * by).to(out.dtype)


class PromptedModel(nn.Module):
    """A frozen model that reads learned vectors first: as tokens of its input, or as keys and values of every layer."""

    main_input_name = "input_ids"

    def __init__(self, model, given):
        super().__init__()
        self.base_model, self.config = model, model.config
        self.kind, self.count = given["peft_type"], given["num_virtual_tokens"]
        config = getattr(self.config, "text_config", None) or self.config
        width = given.get("token_dim") or config.hidden_size
        hidden = given.get("encoder_hidden_size") or width
        if self.kind == "PREFIX_TUNING":
            self.layers = given.get("num_layers") or config.num_hidden_layers
            self.heads = given.get("num_attention_heads") or config.num_key_value_heads or config.num_attention_heads
            if not given.get("token_dim") and config.num_key_value_heads:
                width = width // config.num_attention_heads * config.num_key_value_heads
            whole = self.layers * 2 * width
            if given.get("prefix_projection") and not given.get("inference_mode"):
                parts = [nn.Embedding(self.count, width), nn.Linear(width, given.get("encoder_hidden_size") or width), nn.Tanh(), nn.Linear(given.get("encoder_hidden_size") or width, whole)]
            else:
                parts = [nn.Embedding(self.count, whole)]
        elif self.kind == "P_TUNING" and not given.get("inference_mode"):
            if given.get("encoder_reparameterization_type", "MLP") != "MLP":
                raise ValueError("encoder_reparameterization_type LSTM is not modelled")
            parts = [nn.Embedding(self.count, width), nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, width)]
        else:
            parts = [nn.Embedding(self.count, width)]
        self.prompt_encoder = nn.Sequential(*parts)

    def inputs(self):
        return self.base_model.inputs()

    def targets(self):
        return {}

    def forward(self, input_ids, **more):
        batch = input_ids.shape[0]
        numbers = torch.arange(self.count, device=input_ids.device).unsqueeze(0).expand(batch, -1).clone()
        if self.kind != "PREFIX_TUNING":
            prompt = self.prompt_encoder(numbers[:1]).repeat(batch, 1, 1)
            embedding = next(one for one in self.base_model.modules() if isinstance(one, nn.Embedding))
            words = embedding(input_ids)
            return self.base_model(inputs_embeds=torch.cat((prompt.to(words.dtype), words), dim=1), **more)
        prompt = self.prompt_encoder(numbers)
        keys = prompt.view(batch, self.count, self.layers * 2, self.heads, -1).permute(2, 0, 3, 1, 4).split(2)
        cache = Cache()
        for layer, (key, value) in enumerate(keys):
            cache.update(key, value, layer)
        return self.base_model(input_ids, past_key_values=cache, **more)
