"""The whole models that make_times.py runs: built, with their inputs, and the case that asks Assay for the same."""
import torch


def case(text, inputs):
    names = {torch.bfloat16: "bfloat16", torch.float32: "float32", torch.int64: "int64"}
    return {"model": text, "kwargs": {k: f"{names[v.dtype]}[{','.join(map(str, v.shape))}]" if torch.is_tensor(v) else v for k, v in inputs.items()}}


def language(cls, config_class, labels=True, **values):
    def build(variant, dtype):
        import transformers
        config = getattr(transformers, config_class)(**values)
        config._attn_implementation = variant.get("attention", "sdpa")
        with torch.device("cuda"):
            model = getattr(transformers, cls)._from_config(config, attn_implementation=variant.get("attention", "sdpa"), dtype=dtype)
        ids = torch.randint(0, 1000, (variant["batch"], variant["sequence"]))
        inputs = {"input_ids": ids}
        if config.is_encoder_decoder and not variant["train"]:
            inputs["decoder_input_ids"] = ids
        if variant["train"] and labels:
            inputs["labels"] = ids
        if "use_cache" in variant:
            inputs["use_cache"] = variant["use_cache"]
        request = case(f"from_config({cls})", inputs)
        return model, inputs, {**request, "config": {"model_type": config.model_type, "architectures": [cls], **values}}
    return build


def vision(name):
    def build(variant, dtype):
        import torchvision
        with torch.device("cuda"):
            model = getattr(torchvision.models, name)(init_weights=True) if name in ("vgg16",) else getattr(torchvision.models, name)()
        x = torch.randn(variant["batch"], 3, 224, 224, device="cuda", dtype=torch.float32 if variant.get("autocast") else dtype)
        inputs = {"x": x}
        module = getattr(torchvision.models, name).__module__
        return model, inputs, {**case(f"{name}()", inputs), "setup": f"from {module} import {name}"}
    return build


def image(name):
    def build(variant, dtype):
        import timm
        with torch.device("cuda"):
            model = timm.create_model(name)
        inputs = {"x": torch.randn(variant["batch"], 3, 224, 224, device="cuda", dtype=torch.float32 if variant.get("autocast") else dtype)}
        module = timm.models.model_entrypoint(name).__module__
        return model, inputs, {**case(f"{name}()", inputs), "setup": f"from {module} import {name}"}
    return build


LLAMA = dict(vocab_size=32000, hidden_size=1024, intermediate_size=2816, num_hidden_layers=20, num_attention_heads=16, num_key_value_heads=4)
QWEN = dict(vocab_size=151936, hidden_size=896, intermediate_size=4864, num_hidden_layers=24, num_attention_heads=14, num_key_value_heads=2)
MIXTRAL = dict(vocab_size=32000, hidden_size=1024, intermediate_size=3584, num_hidden_layers=8, num_attention_heads=16, num_key_value_heads=8, num_local_experts=8, num_experts_per_tok=2)


def prefill(pairs, **more):
    return [{"batch": b, "sequence": s, "dtype": "bf16", "train": False, **more} for b, s in pairs]



def trained(batch, sequence, *kinds):
    every = {"bf16": {"dtype": "bf16"}, "autocast": {"dtype": "fp32", "autocast": True}, "fp32": {"dtype": "fp32"}, "eager": {"dtype": "bf16", "attention": "eager"}}
    return [{"batch": batch, "sequence": sequence, "train": True, **every[kind]} for kind in kinds]


def models():
    """name, phase, variants, build: in the order of what is wanted first."""
    yield "gpt2", "train", trained(2, 512, "bf16", "autocast", "fp32", "eager"), language("GPT2LMHeadModel", "GPT2Config")
    yield "llama-small", "train", trained(2, 1024, "bf16", "autocast", "fp32"), language("LlamaForCausalLM", "LlamaConfig", **LLAMA)
    yield "bert-base", "train", trained(16, 256, "bf16", "autocast", "fp32", "eager"), language("BertForMaskedLM", "BertConfig")
    yield "resnet18", "train", trained(64, 0, "autocast", "fp32"), vision("resnet18")
    yield "resnet50", "train", trained(64, 0, "bf16", "fp32"), vision("resnet50")
    yield "efficientnet_b0", "train", trained(64, 0, "autocast", "fp32"), vision("efficientnet_b0")
    yield "swin_t", "train", trained(32, 0, "autocast", "fp32"), vision("swin_t")
    yield "convnext_small", "train", trained(16, 0, "autocast", "fp32"), vision("convnext_small")
    yield "mobilenet_v2", "train", trained(128, 0, "autocast", "fp32"), vision("mobilenet_v2")
    yield "vit_b_16", "train", trained(32, 0, "autocast", "fp32"), vision("vit_b_16")
    yield "t5-small", "train", [{"batch": 8, "sequence": 256, "train": True, "dtype": "bf16", "attention": "eager"}, {"batch": 8, "sequence": 256, "train": True, "dtype": "fp32", "autocast": True, "attention": "eager"}], language("T5ForConditionalGeneration", "T5Config", d_model=512, d_ff=2048, num_layers=6, num_decoder_layers=6, num_heads=8, decoder_start_token_id=0, pad_token_id=0)
    yield "distilbert", "train", trained(16, 128, "bf16", "autocast"), language("DistilBertForMaskedLM", "DistilBertConfig")
    yield "llama-small", "prefill", prefill([(1, 128), (1, 2048), (16, 512)], use_cache=False), language("LlamaForCausalLM", "LlamaConfig", **LLAMA)
    yield "gpt2", "prefill", prefill([(1, 128), (8, 1024)], use_cache=False), language("GPT2LMHeadModel", "GPT2Config")
    yield "gpt2-eager", "prefill", prefill([(8, 1024)], use_cache=False, attention="eager"), language("GPT2LMHeadModel", "GPT2Config")
    yield "bert-base", "prefill", prefill([(1, 128), (64, 256)]), language("BertForMaskedLM", "BertConfig")
    yield "qwen2", "prefill", prefill([(1, 1024), (4, 2048)], use_cache=False), language("Qwen2ForCausalLM", "Qwen2Config", **QWEN)
    yield "mixtral-small", "prefill", prefill([(1, 512), (4, 1024)], use_cache=False), language("MixtralForCausalLM", "MixtralConfig", **MIXTRAL)
    yield "t5-small", "prefill", prefill([(1, 128), (16, 512)], attention="eager", use_cache=False), language("T5ForConditionalGeneration", "T5Config", d_model=512, d_ff=2048, num_layers=6, num_decoder_layers=6, num_heads=8, decoder_start_token_id=0, pad_token_id=0)
    for name in ["resnet18", "efficientnet_b0", "swin_t", "vit_b_16", "densenet121", "regnet_y_400mf", "vgg16", "mobilenet_v2", "convnext_tiny", "resnet50", "mobilenet_v3_large", "shufflenet_v2_x1_0"]:
        yield name, "prefill", prefill([(1, 0), (64, 0)]), vision(name)
    for name in ["mixer_b16_224", "convnextv2_nano", "vit_small_patch16_224", "resnetv2_50", "xcit_nano_12_p16_224"]:
        yield name, "prefill", prefill([(1, 0), (32, 0)]), image(name)
    for name in ["resnet50", "vit_b_16"]:
        yield name, "prefill", [{"batch": 32, "sequence": 0, "dtype": "fp32", "train": False}], vision(name)
    again = {"train": True, "dtype": "bf16", "checkpointing": True}
    yield "gpt2-checkpointed", "train", [{"batch": 2, "sequence": 512, **again}, {"batch": 16, "sequence": 1024, **again}], language("GPT2LMHeadModel", "GPT2Config")
    yield "llama-small-checkpointed", "train", [{"batch": 1, "sequence": 512, **again}], language("LlamaForCausalLM", "LlamaConfig", **LLAMA)
    yield "bert-base-checkpointed", "train", [{"batch": 8, "sequence": 128, **again}], language("BertForMaskedLM", "BertConfig")
    yield "roberta-checkpointed", "train", [{"batch": 16, "sequence": 128, **again}], language("RobertaForMaskedLM", "RobertaConfig")
    yield "mixtral-small", "train", trained(1, 1024, "bf16"), language("MixtralForCausalLM", "MixtralConfig", **MIXTRAL)
    yield "densenet121", "train", trained(32, 0, "fp32"), vision("densenet121")
    yield "regnet_y_400mf", "train", trained(32, 0, "autocast"), vision("regnet_y_400mf")
