"""What the forward pass of a transformers model takes where nobody says: by its main input and its config's sizes."""
import inspect


def first(config, *names):
    """The first of a config's values that it has; those of its parts come after its own."""
    for part in (config, *(getattr(config, name, None) for name in ("vision_config", "audio_config", "encoder_config"))):
        for name in names:
            value = getattr(part, name, None)
            if value is not None:
                return value
    return None


def both(size):
    return list(size) if isinstance(size, (list, tuple)) else [size, size]


def image(config):
    """`float32[B, C, H, W]`, with the frames of a video before the channels."""
    sides = both(first(config, "image_size") or 224)
    frames = first(config, "num_frames")
    sizes = ["B", *([frames] if isinstance(frames, int) else []), first(config, "num_channels", "in_channels", "in_chans") or 3, *sides]
    return f"float32[{', '.join(str(size) for size in sizes)}]"


def main_input(model):
    """The name of what the model reads: its own word for it, else the first that `forward` takes."""
    names = list(inspect.signature(model.forward).parameters)
    said = getattr(model, "main_input_name", None)
    return said if said in names or not names else names[0]


def inputs_of(model):
    """Arguments of one forward pass as texts: `B` sequences of `T` tokens, images and sounds as the config sizes them."""
    config, main = model.config, main_input(model)
    names = inspect.signature(model.forward).parameters
    tokens = "int64[B, T]"
    if main == "pixel_values":
        given = {main: image(config)}
    elif main == "input_values":
        given = {main: "float32[B, 16000]"}
    elif main == "input_features":
        frames = 2 * (first(config, "max_source_positions") or 1500)
        given = {main: f"float32[B, {first(config, 'num_mel_bins', 'feature_size') or 80}, {frames}]"}
    elif main == "past_values":
        given = {main: f"float32[B, {first(config, 'context_length', 'prediction_length')}, {first(config, 'num_input_channels') or 1}]"}
    elif main == "inputs_embeds":
        given = {main: f"float32[B, T, {config.hidden_size}]"}
    else:
        given = {main: tokens}
        paired = getattr(config, "vision_config", None) is not None and "logit_scale" in dict(model.named_parameters(recurse=False))
        if paired and "pixel_values" in names:
            text = getattr(config, "text_config", None)
            given = {main: f"int64[B, {getattr(text, 'max_position_embeddings', 'T')}]", "pixel_values": image(config)}
    if getattr(config, "is_encoder_decoder", False) and "decoder_input_ids" in names and main != "decoder_input_ids":
        given["decoder_input_ids"] = tokens
    return given


def targets_of(model):
    """Labels, where the model computes a loss from them."""
    if "labels" not in inspect.signature(model.forward).parameters:
        return {}
    name = type(model).__name__
    if "Sequence" in name or "Image" in name or "Audio" in name or "Video" in name:
        return {"labels": "int64[B]"}
    if any(head in name for head in ("CausalLM", "LMHead", "MaskedLM", "TokenClassification", "ConditionalGeneration", "Seq2SeqLM")):
        return {"labels": "int64[B, T]"}
    return {}
