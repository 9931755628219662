"""Configs as config.json has them: a family's defaults, its other names for keys, and what it derives from them."""


class Config:
    """The values of one config.json over its family's defaults; a family subclasses it."""

    model_type = ""
    #: Other names that files and code use for a key: alias -> key.
    attribute_map = {}
    defaults = {}
    #: Keys that hold the config of a part: key -> model_type where the part does not say, or the class of all such parts.
    sub_configs = {}
    #: The values of a part that is not given at all.
    sub_defaults = {}
    #: Whether the family refuses a width that its heads do not divide.
    whole_heads = False
    #: Whether the family has no attention but its own products and softmax.
    eager_only = False
    #: Whether `rope_parameters` belong to the family, and the base where the file has none.
    rope_theta = None

    def __init__(self, **given):
        values = {
            "num_labels": None,
            "problem_type": None,
            "tie_word_embeddings": True,
            "is_decoder": False,
            "is_encoder_decoder": False,
            "add_cross_attention": False,
            "chunk_size_feed_forward": 0,
            "pad_token_id": None,
            "use_cache": True,
            "layer_types": None,
            "rope_parameters": None,
            "attn_implementation": "sdpa",
            **self.defaults,
        }
        for name, value in given.items():
            if name != "model_type":
                values[self.attribute_map.get(name, name)] = value
        for name, value in values.items():
            setattr(self, name, value)
        if self.num_labels is None or given.get("id2label"):
            self.num_labels = len(given.get("id2label") or "ab")
        for name, model_type in self.sub_configs.items():
            setattr(self, name, self.part(name, model_type))
        if self.whole_heads and self.hidden_size % self.num_attention_heads != 0:
            raise ValueError(f"hidden_size {self.hidden_size} is not a multiple of num_attention_heads {self.num_attention_heads}")
        self.complete(given)
        if self.rope_theta is not None:
            self.rope_parameters = self.rotary(given)

    def __getattr__(self, name):
        """The value under a key's other name; None for a key that no file and no default has."""
        if name.startswith("__"):
            raise AttributeError(name)
        key = type(self).attribute_map.get(name)
        return None if key is None else getattr(self, key)

    def part(self, name, model_type):
        """The config of a part, of the family that it names itself where any will do."""
        from .auto import config_of

        value = getattr(self, name)
        if isinstance(value, Config):
            return value
        value = dict(self.sub_defaults.get(name, {}) if value is None else value)
        if isinstance(model_type, type):
            return model_type(**value)
        return config_of({**value, "model_type": value.get("model_type") or model_type})

    def complete(self, given):
        """Derives what the file leaves out; a family overrides it."""

    def rotary(self, given):
        """`rope_parameters`, from the older `rope_theta` and `rope_scaling` too; one dictionary, or one for each layer type."""
        own = dict(given.get("rope_scaling") or self.rope_parameters or {})
        base = given.get("rope_theta") or self.rope_theta
        if own and all(isinstance(value, (dict, type(None))) for value in own.values()):
            return {kind: self.rope_entry(value or {}, base) for kind, value in own.items()}
        return self.rope_entry(own, base)

    def rope_entry(self, own, base):
        entry = {"rope_type": own.get("type", "default"), "rope_theta": base, **own}
        if self.partial_rotary_factor is not None:
            entry.setdefault("partial_rotary_factor", self.partial_rotary_factor)
        if self.original_max_position_embeddings is not None:
            entry["original_max_position_embeddings"] = self.original_max_position_embeddings
        return entry


def typed_rotary(config, given, base, local):
    """`rope_parameters` by layer type: one base for full attention, another for windows."""
    own = {kind: dict(value or {}) for kind, value in (config.rope_parameters or {}).items()}
    full = {**own.get("full_attention", {}), **(given.get("rope_scaling") or {})}
    window = own.get("sliding_attention", {})
    return {
        "full_attention": {"rope_type": full.get("type", "default"), "rope_theta": given.get("rope_theta") or base, **full},
        "sliding_attention": {"rope_type": "default", "rope_theta": given.get("rope_local_base_freq") or local, **window},
    }


def alternating(config, every, sliding="sliding_attention", full="full_attention"):
    """Layer types where each `every`-th layer attends to everything and the others to a window."""
    return [full if (i + 1) % every == 0 else sliding for i in range(config.num_hidden_layers)]


def head_size(config):
    return config.head_dim or config.hidden_size // config.num_attention_heads
