"""What real transformers says of model configs. Writes one JSON line for each model; run from the root of the repository:

    python3 test/oracle/make_configs.py TYPES.json [--layers N] [--skip TABLE.jsonl.gz] > rows.jsonl

TYPES.json holds lists of model types by group. Needs transformers 5.17, torch 2.11 and a GPU: models are built and run on fake
tensors, and for real where they ask for values. Each class that the auto mappings name for a type is built from its config's defaults, or, with
`--layers`, with at most so many layers, and run once in eval mode without gradients; FLOPs by torch.utils.flop_counter, with
a formula added for grouped expert products. Rows of (type, class) that TABLE has are left out.
"""
import argparse
import contextlib
import gzip
import inspect
import json
import os
import signal
import sys
import warnings

import torch
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode
from transformers import logging
from transformers.models.auto import modeling_auto
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

warnings.simplefilter("ignore")
logging.set_verbosity_error()
TASKS = ["MODEL", "CAUSAL_LM", "MASKED_LM", "SEQ_TO_SEQ_CAUSAL_LM", "SEQUENCE_CLASSIFICATION", "TOKEN_CLASSIFICATION", "QUESTION_ANSWERING", "IMAGE_CLASSIFICATION", "IMAGE_TEXT_TO_TEXT", "OBJECT_DETECTION", "SPEECH_SEQ_2_SEQ", "SEMANTIC_SEGMENTATION", "DEPTH_ESTIMATION", "AUDIO_CLASSIFICATION", "CTC", "VIDEO_CLASSIFICATION"]
LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers", "encoder_layers", "decoder_layers", "num_decoder_layers", "num_blocks")


def grouped(x, weight, *rest, out_shape=None, **more):
    return 2 * x[-2] * x[-1] * weight[-1] if len(x) == 2 and len(weight) == 3 else 0


class Slow(Exception):
    pass


def alarm(*_):
    raise Slow("took too long")


def inputs_of(model, config):
    names = list(inspect.signature(model.forward).parameters)
    text = {"input_ids": [1, 128]}
    options = {"use_cache": False} if "use_cache" in names else {}
    main = model.main_input_name
    size = getattr(config, "image_size", None) or getattr(getattr(config, "vision_config", None), "image_size", None) or 224
    size = [size, size] if isinstance(size, int) else list(size)
    channels = getattr(config, "num_channels", None) or 3
    if main == "pixel_values" and "input_ids" in names and "pixel_values" in names:
        inputs = {"input_ids": [1, 16], "pixel_values": [1, channels, *size]}
    elif main == "pixel_values":
        frames = getattr(config, "num_frames", None)
        inputs = {"pixel_values": [1, frames, channels, *size] if frames else [1, channels, *size]}
    elif main == "input_values":
        inputs = {"input_values": [1, 16000]}
    elif main == "input_features":
        inputs = {"input_features": [1, getattr(config, "num_mel_bins", None) or getattr(config, "input_feat_per_channel", 80), 3000]}
        if model.config.model_type == "speech_to_text":
            inputs = {"input_features": [1, 300, 80]}
    else:
        inputs = dict(text)
    if "decoder_input_ids" in names:
        inputs["decoder_input_ids"] = [1, 64 if "input_ids" not in inputs else 128]
    return inputs, options


def plain(value):
    if isinstance(value, torch.dtype):
        return str(value).split(".")[-1]
    return str(value)


def counted(model, inputs, options):
    made = {name: torch.zeros(shape, dtype=torch.int64 if name.endswith("ids") else next(model.parameters()).dtype, device="cuda") for name, shape in inputs.items()}
    add = {}
    for name in ("_grouped_mm",):
        if hasattr(torch.ops.aten, name):
            add[getattr(torch.ops.aten, name)] = grouped
    counter = FlopCounterMode(display=False, depth=4, custom_mapping=add)
    with torch.no_grad(), counter:
        model(**made, **options)
    root = type(model).__name__
    # Modules that a pass puts into the model while it runs count as roots of their own.
    modules = {name: sum(by.values()) for name, by in counter.get_flop_counts().items() if name.split(".")[0] == root}
    by_op = {str(op): n for op, n in counter.get_flop_counts()["Global"].items()}
    return counter.get_total_flops(), modules, by_op


def row(model_type, task, name, layers):
    import transformers

    made = getattr(transformers, name)
    config = CONFIG_MAPPING[model_type]()
    if layers:
        parts = [config, *(getattr(config, one) for one in ("text_config", "vision_config", "audio_config", "encoder", "decoder") if hasattr(config, one))]
        given = {}
        for part in parts:
            for key in LAYERS:
                value = getattr(part, key, None)
                if isinstance(value, int) and value > layers:
                    given.setdefault(id(part), {})[key] = layers
        own = given.pop(id(config), {})
        if not own:
            return None
        config = CONFIG_MAPPING[model_type](**own)
    try:
        with FakeTensorMode(allow_non_fake_inputs=True):
            one = weighed(made, config, model_type, task, name, layers)
        if one["flops_exact"] or one["params"] > 5e9:
            return one
    except DataDependentOutputException:
        one = None
    # What asks for values is run for real; a model that cannot run at all keeps what building it said.
    real = weighed(made, config, model_type, task, name, layers)
    torch.cuda.empty_cache()
    return real if one is None or real["flops_exact"] else one


def weighed(made, config, model_type, task, name, layers):
    out = {"model_type": model_type, "task": task, "class": name, "config": {}}
    with torch.device("cuda"):
        # Grouped products of experts know no other type; figures do not depend on it.
        torch.set_default_dtype(torch.bfloat16)
        try:
            model = made(config).eval()
        finally:
            torch.set_default_dtype(torch.float32)
        raw = {**config.to_diff_dict(), **({} if layers else config.to_dict())}
        raw.pop("transformers_version", None)
        out["config"] = {**json.loads(json.dumps(raw, default=plain)), "architectures": [name], "model_type": model_type}
        parameters = list({id(one): one for one in model.parameters()}.values())
        out["params"] = sum(one.numel() for one in parameters)
        out["buffers"] = sum(one.numel() for one in model.buffers())
        out["attn"] = getattr(model.config, "_attn_implementation", None)
        out["inputs"], out["options"] = inputs_of(model, model.config)
        try:
            out["flops"], out["flops_by_module"], out["flops_by_op"] = counted(model, out["inputs"], out["options"])
            out["flops_exact"] = True
        except Slow:
            raise
        except Exception as error:
            out["flops_exact"], out["problem"] = False, f"{type(error).__name__}: {error}"[:300]
            out["inputs"], out["options"] = {}, {}
    return out


def main():
    words = argparse.ArgumentParser()
    words.add_argument("types")
    words.add_argument("--layers", type=int)
    words.add_argument("--skip")
    words.add_argument("--part", default="0/1")
    asked = words.parse_args()
    part, parts = map(int, asked.part.split("/"))
    seen = set()
    if asked.skip:
        with gzip.open(asked.skip, "rt") as lines:
            seen = {(one["model_type"], one["class"]) for one in map(json.loads, lines)}
    types = [one for group in json.load(open(asked.types)).values() for one in group]
    signal.signal(signal.SIGALRM, alarm)
    for model_type in types[part::parts]:
        done = set()
        for task in TASKS:
            mapping = getattr(modeling_auto, f"MODEL_FOR_{task}_MAPPING_NAMES", None) if task != "MODEL" else modeling_auto.MODEL_MAPPING_NAMES
            names = (mapping or {}).get(model_type)
            for name in [names] if isinstance(names, str) else list(names or []):
                if name in done or (model_type, name) in seen:
                    continue
                done.add(name)
                signal.alarm(60)
                try:
                    with contextlib.redirect_stdout(sys.stderr):
                        one = row(model_type, task, name, asked.layers)
                    if one:
                        print(json.dumps(one), flush=True)
                except Exception as error:
                    print(f"{model_type} {name}: {type(error).__name__}: {str(error)[:200]}", file=sys.stderr, flush=True)
                finally:
                    signal.alarm(0)


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    main()
