"""The models, phases and scenarios that make_memory.py measures; names after the slash tell the variants of a model apart."""


def causal(name, config_class, cls, config, batch, seq, **options):
    vocabulary = options.pop("vocabulary", None) or config.get("vocab_size")
    return {
        "name": name,
        "config_class": config_class,
        "cls": cls,
        "config": config,
        "batch": batch,
        "seq": seq,
        "inputs": {"input_ids": [vocabulary, batch, seq]},
        "labels": [vocabulary, batch, seq],
        "options": {"use_cache": False},
        **options,
    }


def masked(name, config_class, cls, config, batch, seq, **options):
    row = causal(name, config_class, cls, config, batch, seq, **options)
    return {**row, "options": {}}


def picture(name, config_class, cls, config, batch, **options):
    return {
        "name": name,
        "config_class": config_class,
        "cls": cls,
        "config": config,
        "batch": batch,
        "inputs": {"pixel_values": ["float", batch, 3, 224, 224]},
        "options": {},
        **options,
    }


def vision(library, name, batch, **options):
    return {"name": name, library: name, "batch": batch, **options}


gpt2 = {"n_layer": 12, "vocab_size": 50257}
llama = {
    "vocab_size": 128256, "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16, "num_attention_heads": 32,
    "num_key_value_heads": 8, "max_position_embeddings": 131072, "tie_word_embeddings": True,
}  # fmt: skip
bert = {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096, "vocab_size": 30522}
t5 = {
    "d_model": 768, "d_ff": 3072, "num_layers": 12, "num_decoder_layers": 12, "num_heads": 12, "vocab_size": 32128,
    "decoder_start_token_id": 0, "pad_token_id": 0,
}  # fmt: skip
qwen2 = {
    "vocab_size": 151936, "hidden_size": 896, "intermediate_size": 4864, "num_hidden_layers": 12, "num_attention_heads": 14,
    "num_key_value_heads": 2, "tie_word_embeddings": True,
}  # fmt: skip
gemma = {
    "vocab_size": 256000, "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 8, "num_attention_heads": 8,
    "num_key_value_heads": 4, "head_dim": 128, "bos_token_id": 2, "eos_token_id": 1, "pad_token_id": 0,
}  # fmt: skip
mixtral = {
    "vocab_size": 32000, "hidden_size": 1024, "intermediate_size": 2048, "num_hidden_layers": 6, "num_attention_heads": 16,
    "num_key_value_heads": 4, "num_local_experts": 8, "num_experts_per_tok": 2,
}  # fmt: skip

plain = {"dtype": "fp32", "amp": "none"}
pure = {"dtype": "bf16", "amp": "none"}
mixed = {"dtype": "fp32", "amp": "bf16-autocast"}


def bases():
    """Every model once: what is common to its rows."""
    yield causal("gpt2", "GPT2Config", "GPT2LMHeadModel", gpt2, 8, 1024)
    yield vision("torchvision", "resnet50", 32)
    yield causal("llama-1b", "LlamaConfig", "LlamaForCausalLM", llama, 1, 4096)
    yield masked("bert-large", "BertConfig", "BertForMaskedLM", bert, 8, 512)
    yield masked("t5-base", "T5Config", "T5ForConditionalGeneration", t5, 8, 512, attentions=["eager"])
    yield vision("torchvision", "convnext_tiny", 32)
    yield vision("torchvision", "mobilenet_v3_large", 32)
    yield vision("torchvision", "efficientnet_b0", 32)
    yield vision("torchvision", "swin_t", 32)
    yield vision("torchvision", "vit_b_16", 32)
    yield causal("qwen2-small", "Qwen2Config", "Qwen2ForCausalLM", qwen2, 4, 1024)
    yield causal("gemma2-small", "Gemma2Config", "Gemma2ForCausalLM", gemma, 2, 1024, attentions=["eager", "sdpa"])
    yield causal("mixtral-small", "MixtralConfig", "MixtralForCausalLM", mixtral, 2, 1024, attentions=["sdpa"])
    yield masked("distilbert", "DistilBertConfig", "DistilBertForMaskedLM", {"vocab_size": 30522}, 16, 256)
    yield causal("opt-125m", "OPTConfig", "OPTForCausalLM", {"vocab_size": 50272}, 4, 1024)
    yield causal("pythia-160m", "GPTNeoXConfig", "GPTNeoXForCausalLM", {"vocab_size": 50304, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}, 4, 1024)  # fmt: skip
    yield picture("vit-base", "ViTConfig", "ViTForImageClassification", {}, 32)
    yield vision("torchvision", "resnet18", 64)
    yield vision("torchvision", "densenet121", 32)
    yield vision("torchvision", "vgg11_bn", 32)
    yield vision("torchvision", "regnet_y_400mf", 64)
    yield vision("timm", "vit_small_patch16_224", 64)
    yield vision("timm", "mixer_b16_224", 32)
    yield vision("timm", "swin_tiny_patch4_window7_224", 32)
    yield masked("albert-base", "AlbertConfig", "AlbertForMaskedLM", {"hidden_size": 768, "num_attention_heads": 12, "intermediate_size": 3072, "vocab_size": 30000}, 8, 512)  # fmt: skip
    yield masked("bart-base", "BartConfig", "BartForConditionalGeneration", {"d_model": 768, "encoder_layers": 6, "decoder_layers": 6, "encoder_attention_heads": 12, "decoder_attention_heads": 12, "encoder_ffn_dim": 3072, "decoder_ffn_dim": 3072, "vocab_size": 50265}, 8, 512)  # fmt: skip


def others():
    """Models that no rule was made on: trained in mixed precision, and one forward pass."""
    yield causal("qwen3-small", "Qwen3Config", "Qwen3ForCausalLM", {**qwen2, "head_dim": 64, "num_hidden_layers": 8}, 4, 1024)
    yield causal("phi-small", "PhiConfig", "PhiForCausalLM", {"vocab_size": 51200, "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 8, "num_attention_heads": 16}, 4, 512)  # fmt: skip
    yield causal("bloom-small", "BloomConfig", "BloomForCausalLM", {"vocab_size": 65024, "hidden_size": 1024, "n_layer": 8, "n_head": 16}, 4, 512, attentions=["eager"])  # fmt: skip
    yield masked("roberta-base", "RobertaConfig", "RobertaForMaskedLM", {"vocab_size": 50265, "max_position_embeddings": 514, "type_vocab_size": 1}, 16, 256)  # fmt: skip
    yield masked("electra-small", "ElectraConfig", "ElectraForMaskedLM", {"vocab_size": 30522}, 32, 256)
    yield picture("dinov2-small", "Dinov2Config", "Dinov2ForImageClassification", {"hidden_size": 384, "num_attention_heads": 6}, 32)  # fmt: skip
    yield vision("torchvision", "mobilenet_v2", 64)
    yield vision("torchvision", "shufflenet_v2_x1_0", 64)
    yield vision("torchvision", "efficientnet_v2_s", 32)
    yield vision("torchvision", "resnext50_32x4d", 32)
    yield vision("timm", "deit_tiny_patch16_224", 64)
    yield vision("timm", "poolformer_s12", 32)
    yield vision("timm", "mobilevit_s", 32)
    yield vision("timm", "resmlp_12_224", 32)


def variants(base):
    """The rows of a model: training in three precisions, attention and checkpointing turned, one forward pass."""
    base = dict(base)
    attentions = base.pop("attentions", ["sdpa", "eager"])
    labels = base.pop("labels", None)
    training = {**base, "phase": "train", "optimizer": "adamw"}
    if labels:
        training["inputs"] = {**base["inputs"], "labels": labels}
        if base["config_class"] != "BertConfig":
            training["options"] = {**base["options"]}
    words = {"attn": attentions[0]} if "config_class" in base else {}
    yield {**training, **words, **mixed, "name": base["name"] + "/mixed"}
    yield {**training, **words, **plain, "name": base["name"] + "/plain"}
    passed = {**base, **words, **pure, "phase": "prefill", "name": base["name"] + "/prefill"}
    if base.get("config_class") == "T5Config":
        passed["inputs"] = {**base["inputs"], "decoder_input_ids": labels}
    yield passed
    if "config_class" in base:
        yield {**training, **words, **pure, "name": base["name"] + "/pure"}
        yield {**training, **words, **pure, "checkpointing": True, "name": base["name"] + "/checkpointed"}
        for other in attentions[1:]:
            yield {**training, "attn": other, **pure, "name": f"{base['name']}/{other}"}
    if base["name"] in ("gpt2", "resnet50"):
        for optimizer in ("adamw-foreach", "sgd", "sgd-momentum", "adafactor"):
            yield {**training, **words, **mixed, "optimizer": optimizer, "name": f"{base['name']}/{optimizer}"}


def ordered():
    """By variant first, so that a run that is stopped early has seen every model."""
    lists = [list(variants(base)) for base in bases()]
    for base in others():
        lists.append([row for row in variants(base) if row["name"].endswith(("/mixed", "/prefill"))])
    for index in range(max(len(one) for one in lists)):
        for one in lists:
            if index < len(one):
                yield one[index]


rows = list(ordered())
