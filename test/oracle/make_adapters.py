"""What real peft says of adapters on small models. Writes adapters.jsonl; run from the root of the repository on a GPU:

    python3 test/oracle/make_adapters.py > test/oracle/adapters.jsonl

Needs torch 2.11, transformers 5.17 and peft. Each row holds the base's config and class, the adapter as
`adapter_config.json` has it, `params` and `trainable` of the model with the adapter, `flops` of a forward pass on two
sequences of 16 tokens in train mode by torch.utils.flop_counter, and `saved`: bytes of distinct storages kept for the
backward pass, parameters and buffers left out.
"""
import json
import warnings

import peft
import torch
import transformers
from torch.utils.flop_counter import FlopCounterMode

warnings.simplefilter("ignore")
BASES = {
    "llama": ("LlamaForCausalLM", {"vocab_size": 512, "hidden_size": 64, "intermediate_size": 160, "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2}),
    "gpt2": ("GPT2LMHeadModel", {"vocab_size": 512, "n_embd": 64, "n_layer": 2, "n_head": 4}),
    "bert": ("BertForSequenceClassification", {"vocab_size": 512, "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128}),
    "t5": ("T5ForConditionalGeneration", {"vocab_size": 512, "d_model": 64, "num_layers": 2, "num_heads": 4, "d_ff": 128, "d_kv": 16}),
}
ALL = list(BASES)
ADAPTERS = {
    "lora": ({"peft_type": "LORA", "r": 8}, ALL),
    "dora": ({"peft_type": "LORA", "r": 4, "use_dora": True}, ["llama", "bert", "t5"]),
    "all": ({"peft_type": "LORA", "r": 8, "target_modules": "all-linear"}, ALL),
    "bias": ({"peft_type": "LORA", "r": 8, "bias": "lora_only"}, ALL),
    "pattern": ({"peft_type": "LORA", "r": 8, "target_modules": ["q_proj", "v_proj", "up_proj"], "rank_pattern": {"layers.1.self_attn.q_proj": 16}, "layers_to_transform": [0, 1], "modules_to_save": ["lm_head"]}, ["llama"]),
    "emb": ({"peft_type": "LORA", "r": 8, "target_modules": ["embed_tokens", "q_proj"]}, ["llama"]),
    "ia3": ({"peft_type": "IA3", "target_modules": ["k_proj", "v_proj", "down_proj"], "feedforward_modules": ["down_proj"]}, ["llama"]),
    "prompt": ({"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8, "task_type": "CAUSAL_LM"}, ["llama", "gpt2"]),
    "prefix": ({"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 8, "task_type": "CAUSAL_LM"}, ["gpt2", "llama"]),
    "prefixp": ({"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 8, "prefix_projection": True, "encoder_hidden_size": 32, "task_type": "CAUSAL_LM"}, ["gpt2"]),
    "ptuning": ({"peft_type": "P_TUNING", "num_virtual_tokens": 8, "encoder_hidden_size": 32, "task_type": "CAUSAL_LM"}, ["gpt2"]),
    "cls": ({"peft_type": "LORA", "r": 8, "task_type": "SEQ_CLS"}, ["bert"]),
}
CONFIGS = {"LORA": peft.LoraConfig, "IA3": peft.IA3Config, "PROMPT_TUNING": peft.PromptTuningConfig, "PREFIX_TUNING": peft.PrefixTuningConfig, "P_TUNING": peft.PromptEncoderConfig}


def row(name, adapter, base):
    class_name, given = BASES[base]
    made = getattr(transformers, class_name)
    config = made.config_class(**given)
    settings = {key: value for key, value in adapter.items() if key != "peft_type"}
    model = peft.get_peft_model(made(config), CONFIGS[adapter["peft_type"]](**settings)).cuda().train()
    parameters = list({id(one): one for one in model.parameters()}.values())
    own = {one.untyped_storage()._cdata for one in (*model.parameters(), *model.buffers())}
    seen = {}

    def keep(tensor):
        storage = tensor.untyped_storage()
        if storage._cdata not in own:
            seen[storage._cdata] = (storage, storage.nbytes())
        return tensor

    tokens = torch.zeros(2, 16, dtype=torch.int64, device="cuda")
    inputs = {"input_ids": tokens, **({"decoder_input_ids": tokens.clone()} if base == "t5" else {})}
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor), FlopCounterMode(display=False) as counter:
        model(**inputs)
    return {
        "id": f"{name}/{base}",
        "config": {**given, "model_type": base, "architectures": [class_name]},
        "adapter": adapter,
        "params": sum(one.numel() for one in parameters),
        "trainable": sum(one.numel() for one in parameters if one.requires_grad),
        "flops": counter.get_total_flops(),
        "saved": sum(size for _, size in seen.values()),
    }


if __name__ == "__main__":
    for name, (adapter, bases) in ADAPTERS.items():
        for base in bases:
            print(json.dumps(row(name, adapter, base)))
