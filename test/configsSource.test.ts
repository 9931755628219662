import assert from "node:assert/strict";
import { Budget, defaultLimits } from "../src/base/budget.ts";
import { type ConfigModel, chosenModel } from "../src/configs/index.ts";
import { library } from "../src/configs/library.ts";
import type { Module } from "../src/syntax/ast.ts";
import { borrowTorch } from "../src/torch/pool.ts";
import { weighCase } from "../src/weighCase.ts";
import { parser } from "./syntax/parser.ts";

const files: Record<string, string> = {
  "lib/transformers/__init__.py": `import torch.nn as nn

class TinyModel(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(config.hidden_size, config.hidden_size) for _ in range(config.num_layers)])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
`,
  "lib/transformers/models/__init__.py": "",
  "lib/transformers/models/auto/__init__.py": "",
  "lib/transformers/models/auto/configuration_auto.py": `class TinyConfig:
    def __init__(self, hidden_size=8, num_layers=1, **kwargs):
        self.hidden_size, self.num_layers = hidden_size, num_layers

CONFIG_MAPPING = {"tiny": TinyConfig}
`,
  "lib/transformers/models/auto/modeling_auto.py": `MODEL_MAPPING_NAMES = {"tiny": "TinyModel"}
MODEL_FOR_CAUSAL_LM_MAPPING_NAMES = {}
`,
  "work/own/configuration_own.py": `class OwnConfig:
    def __init__(self, width=4, **kwargs):
        self.width = width
`,
  "work/own/modeling_own.py": `import torch.nn as nn
from .configuration_own import OwnConfig

class OwnModel(nn.Module):
    main_input_name = "x"

    def __init__(self, config: OwnConfig):
        super().__init__()
        self.config = config
        self.proj = nn.Linear(config.width, config.width, bias=False)

    def forward(self, x):
        return self.proj(x)

class OwnForCausalLM(OwnModel):
    def __init__(self, config):
        super().__init__(config)
        self.head = nn.Linear(config.width, 10)
`,
};

describe("configs through their family's own source", () => {
  const trees = new Map<string, Module>(Object.entries(files).map(([path, text]) => [path, parser.parse(path, text)]));
  const sources = {
    module: (path: string) => trees.get(path),
    folder: (path: string) => Object.keys(files).some((file) => file.startsWith(`${path}/`)),
    text: (path: string) => files[path],
    parse: (path: string, text: string) => parser.parse(path, text),
  };
  const environment = {
    roots: ["lib"],
    installed: new Set(["torch", "transformers"]),
    versions: { python: "3.12", transformers: "4.57.1" },
  };

  const choose = (config: unknown, place: { folder?: string; prefersSource?: boolean } = {}) =>
    chosenModel(borrowTorch(sources, environment, [], new Budget(defaultLimits), library), config, {
      folder: place.folder,
      prefersSource: place.prefersSource ?? false,
    });

  const weighed = ({ setup, model }: ConfigModel, args: readonly string[]) =>
    weighCase({ id: "tiny", setup, model, args, kwargs: undefined, mode: "eval", environment }, sources);

  const built = (config: unknown, place?: Parameters<typeof choose>[1]): ConfigModel => {
    const model = choose(config, place);
    assert.equal(model.kind, "model", model.kind === "refusal" ? model.reason : "");
    return model as ConfigModel;
  };

  const refused = (config: unknown, place?: Parameters<typeof choose>[1]): string => {
    const model = choose(config, place);
    return model.kind === "refusal" ? model.reason : "";
  };

  it("the class and the config class are the library's", () => {
    const answer = weighed(
      built({ architectures: ["TinyModel"], model_type: "tiny", hidden_size: 16, num_layers: 3 }),
      ["float32[2,16]"],
    );
    assert.equal(answer.error, undefined);
    assert.equal(answer.params, 3 * (16 * 16 + 16));
    assert.equal(answer.flops, 3 * 2 * 2 * 16 * 16);
  });

  it("without a class the library's mapping names one, which is told", () => {
    const model = built({ model_type: "tiny", num_layers: 2 });
    assert.equal(model.className, "TinyModel");
    assert.equal(model.assumption, "architectures names no class: TinyModel is weighed");
    assert.equal(model.origin, "the installed transformers 4.57.1");
    assert.equal(weighed(model, ["float32[2,8]"]).params, 2 * (8 * 8 + 8));
  });

  it("auto_map's files lie beside the config; the repository before -- is not looked up", () => {
    const config = {
      model_type: "own",
      architectures: ["OwnForCausalLM"],
      width: 6,
      auto_map: {
        AutoConfig: "someone/own--configuration_own.OwnConfig",
        AutoModel: "modeling_own.OwnModel",
        AutoModelForCausalLM: "modeling_own.OwnForCausalLM",
      },
    };
    const model = built(config, { folder: "work/own" });
    assert.equal(model.origin, "modeling_own.py beside the config");
    assert.equal(weighed(model, ["float32[2,6]"]).params, 6 * 6 + 6 * 10 + 10);
    const base = built({ ...config, architectures: ["OwnModel"] }, { folder: "work/own" });
    assert.equal(weighed(base, ["float32[2,6]"]).params, 6 * 6);
    assert.match(refused(config, { folder: "work/elsewhere" }), /^model_type "own" is neither/);
  });

  it("our definition goes first unless the source is asked for; a family that the source lacks is ours", () => {
    const gpt2 = { model_type: "gpt2", architectures: ["GPT2Model"] };
    assert.equal(built(gpt2).origin, undefined);
    assert.equal(built(gpt2, { prefersSource: true }).origin, undefined);
  });

  it("what nobody knows is said with the version that was looked in", () => {
    assert.equal(
      refused({ model_type: "never" }),
      'model_type "never" is neither among the families that Assay defines nor in the installed transformers 4.57.1',
    );
    assert.equal(
      refused({ model_type: "tiny", architectures: ["TinyForEverything"] }),
      "class TinyForEverything is not in the installed transformers 4.57.1",
    );
    for (const config of [null, [], { architectures: ["TinyModel; import os"] }]) assert.notEqual(refused(config), "");
  });

  it("layers without number are refused before anything runs", () => {
    assert.match(refused({ model_type: "tiny", num_hidden_layers: 1e9 }), /1000000000|1,000,000,000/);
  });
});
