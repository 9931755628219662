import { library } from "../../src/libraries/library.ts";
import type { Environment } from "../../src/python/interpreter.ts";
import { startTorch } from "../../src/torch/install.ts";
import { interpret } from "../python/interpret.ts";
import { pages } from "../support/page.ts";

/** The packages that are installed; none of their sources is at hand, so that ours serve. */
const installed = `torch numpy einops einx timm flash_attn xformers mamba_ssm causal_conv1d fairscale megatron apex lightning
 pytorch_lightning fvcore detectron2 mmcv mmengine fairseq omegaconf ml_collections easydict yacs attr attrs tqdm jaxtyping
 torchtune torchtitan beartype rotary_embedding_torch hydra scipy loguru termcolor iopath transformers huggingface_hub safetensors PIL`;
const environment: Environment = {
  roots: [""],
  installed: new Set(installed.split(/\s+/)),
  versions: { python: "3.12.4", torch: "2.11.0" },
};

pages("test/libraries", (example) =>
  interpret(example, (sources) => startTorch(sources, environment, undefined, library)),
);
