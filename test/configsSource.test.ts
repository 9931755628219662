import assert from "node:assert/strict";
import { sourcedModel } from "../src/configs/index.ts";
import type { Module } from "../src/syntax/ast.ts";
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
};

describe("configs through their family's own source", () => {
  const trees = new Map<string, Module>(Object.entries(files).map(([path, text]) => [path, parser.parse(path, text)]));
  const sources = {
    module: (path: string) => trees.get(path),
    folder: (path: string) => Object.keys(files).some((file) => file.startsWith(`${path}/`)),
    text: (path: string) => files[path],
    parse: (path: string, text: string) => parser.parse(path, text),
  };
  const environment = { roots: ["lib"], installed: new Set(["torch", "transformers"]), versions: { python: "3.12" } };

  it("the class and the config class are the library's", () => {
    const model = sourcedModel({ architectures: ["TinyModel"], model_type: "tiny", hidden_size: 16, num_layers: 3 });
    assert.ok(model);
    const answer = weighCase(
      {
        id: "tiny",
        setup: model.setup,
        model: model.model,
        args: ["float32[2,16]"],
        kwargs: undefined,
        mode: "eval",
        environment,
      },
      sources,
    );
    assert.equal(answer.error, undefined);
    assert.equal(answer.params, 3 * (16 * 16 + 16));
    assert.equal(answer.flops, 3 * 2 * 2 * 16 * 16);
  });

  it("a config that names no class, or no name at all, has none", () => {
    assert.equal(sourcedModel({ model_type: "tiny" }), undefined);
    assert.equal(sourcedModel({ architectures: ["TinyModel; import os"], model_type: "tiny" }), undefined);
    assert.equal(sourcedModel(null), undefined);
  });
});
