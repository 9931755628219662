"""Configs and base models by `model_type`, for models made of parts."""
import importlib

#: Files that hold model types which are not called as the file is.
FILES = {
    "blip_text_model": "blip",
    "blip_vision_model": "blip",
    "chinese_clip_text_model": "chinese_clip",
    "chinese_clip_vision_model": "chinese_clip",
    "clip_text_model": "clip",
    "clip_vision_model": "clip",
    "gemma3_text": "gemma3",
    "gemma3n_text": "gemma3n",
    "idefics3_vision": "idefics3",
    "internvl_vision": "internvl",
    "llama4_vision_model": "llama4",
    "mlcd_vision_model": "mlcd",
    "mllama_text_model": "mllama",
    "qwen2_5_vl_text": "qwen2_5_vl",
    "qwen2_audio_encoder": "qwen2_audio",
    "qwen2_vl_text": "qwen2_vl",
    "qwen3_5_moe_text": "qwen3_5_moe",
    "qwen3_5_moe_vision": "qwen3_5_moe",
    "qwen3_5_text": "qwen3_5",
    "qwen3_5_vision": "qwen3_5",
    "qwen3_vl_moe_text": "qwen3_vl_moe",
    "qwen3_vl_moe_vision": "qwen3_vl_moe",
    "qwen3_vl_text": "qwen3_vl",
    "qwen3_vl_vision": "qwen3_vl",
    "sam2_vision_model": "sam2",
    "sam_hq_vision_model": "sam_hq",
    "sam_vision_model": "sam",
    "siglip2_text_model": "siglip2",
    "siglip2_vision_model": "siglip2",
    "siglip_text_model": "siglip",
    "siglip_vision_model": "siglip",
    "smolvlm_vision": "smolvlm",
    "voxtral_encoder": "voxtral",
}


def family(model_type):
    """The module that defines a model type."""
    name = FILES.get(model_type, model_type).replace("-", "_")
    return importlib.import_module(f"assay.architectures.{name}")


def config_of(values):
    model_type = values["model_type"]
    found = family(model_type)
    for one in vars(found).values():
        if isinstance(one, type) and getattr(one, "model_type", None) == model_type:
            return one(**values)
    raise ValueError(f"model_type {model_type!r} is not known")


def model_of(config):
    """The base model of a config's family."""
    name = type(config).__name__.replace("Config", "Model")
    return getattr(family(config.model_type), name)(config)
