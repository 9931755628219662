import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { defaultLimits } from "../../src/base/budget.ts";
import { analyzed, smallScenario, samples as texts } from "../support/analysis.ts";
import { law, type Random } from "../support/random.ts";
import { type Manner, manners, type Program, told } from "../support/traces.ts";

const [, ...rows] = readFileSync("test/oracle/models.jsonl", "utf8").trim().split("\n");
const samples = rows.map((line) => JSON.parse(line) as { file: string; model: string; inputs: readonly string[] });

/** The same with and without memory; gives what was told with. */
function both(program: Program, manner: Manner) {
  const [without, remembered] = [told(program, manner, true), told(program, manner, false)];
  const at = without.lines.findIndex((line, i) => line !== remembered.lines[i]);
  assert.equal(remembered.lines[at], without.lines[at], `line ${at} of ${program.setup}`);
  assert.equal(remembered.lines.length, without.lines.length);
  return remembered;
}

/** Eight layers of one class; `forward` is a block of statements on `x`, `init` on `self` and `i`. */
function stack(
  init: string,
  forward: string,
  { before = "", loop = "x = layer(x)", count = 8, more = "", first = "x = x" } = {},
): Program {
  const block = (text: string) =>
    text
      .trim()
      .split("\n")
      .map((line) => `        ${line}`)
      .join("\n");
  return {
    setup: `${before}
class Layer(nn.Module):
    def __init__(self, i):
        super().__init__()
        self.fc = nn.Linear(16, 16)
${block(init)}
    def forward(self, x, *rest):
${block(forward)}

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([Layer(i) for i in range(${count})])
        self.table = nn.Embedding(10, 16)
${block(more || "pass")}
    def forward(self, x):
        state, kept = [], {}
        ${first}
        for layer in self.layers:
            ${loop}
        return x, state, kept
`,
    model: "Model()",
    args: ["float32[2, 16]"],
  };
}

describe("what is remembered of calls changes no answer", () => {
  for (const { file, model, inputs } of samples) {
    for (const manner of manners) {
      it(`${file}: ${model} in ${manner}`, () => {
        both({ root: "test/models", setup: `from ${file.slice(0, -3)} import *`, model, args: inputs }, manner);
      });
    }
  }

  for (const [path, text] of texts) {
    it(`${path}: what the editor shows`, () => {
      const report = (forgetful: boolean) => {
        const limits = { ...defaultLimits, forgetful };
        return JSON.stringify(analyzed(path, text, smallScenario, limits));
      };
      assert.equal(report(false), report(true));
    });
  }

  const programs: Record<string, Program> = {
    "a layer's own number is read": stack("self.i = i", "return self.fc(x) if self.i % 3 else self.fc(self.fc(x))"),
    "a layer's own number is not read": stack("self.i = i", "return self.fc(x)"),
    "a layer counts its calls": stack("self.calls = 0", "self.calls += 1\nreturn self.fc(x)"),
    "a list outside grows": stack("pass", "rest[0].append(x)\nreturn self.fc(x)", { loop: "x = layer(x, state)" }),
    "a list outside is asked for its length": stack(
      "pass",
      "rest[0].append(x)\nreturn self.fc(x) if len(rest[0]) < 5 else self.fc(self.fc(x))",
      { loop: "x = layer(x, state)" },
    ),
    "a dict outside is written": stack("self.i = i", "rest[0][self.i] = x\nreturn self.fc(x)", {
      loop: "x = layer(x, kept)",
    }),
    "a variable of the module is counted": stack("pass", "global n\nn += 1\nreturn self.fc(x) * n", {
      before: "n = 0",
    }),
    "a variable of the module is read": stack("pass", "return self.fc(x) * scale", { before: "scale = 0.5" }),
    "a variable of a function around is counted": stack("self.step = counter", "self.step()\nreturn self.fc(x)", {
      before:
        "def make():\n    n = 0\n    def step():\n        nonlocal n\n        n += 1\n        return n\n    return step\ncounter = make()",
    }),
    "a default argument that grows": stack("pass", "return self.fc(x) if len(grow(x)) < 4 else x", {
      before: "def grow(x, seen=[]):\n    seen.append(x)\n    return seen",
    }),
    "a result that is kept": stack("pass", "return self.fc(x) + table(16).sum()", {
      before: "import functools\n@functools.lru_cache\ndef table(n):\n    return torch.zeros(n)",
    }),
    "layers that share a weight": stack(
      "pass",
      "return F.linear(x, rest[0].weight.T[:16, :16]) if False else self.fc(x)",
      {
        loop: "x = layer(x, self.table)",
      },
    ),
    "a shared table": stack("pass", "return self.fc(x) + rest[0](torch.zeros(2, dtype=torch.long))", {
      loop: "x = layer(x, self.table)",
    }),
    "two layers share a linear": stack("pass", "return self.fc(x)", {
      more: "for i in range(0, 8, 2): self.layers[i].fc = self.layers[i + 1].fc",
    }),
    "the same layer again": stack("pass", "return self.fc(x) + x", { loop: "x = self.layers[0](x)" }),
    "a layer that says its input": stack("pass", "return x", { loop: "x = layer(x)" }),
    "an input written in place": stack("pass", "x += 1\nreturn self.fc(x)"),
    "a result written in place": stack("pass", "y = self.fc(x)\ny += x\nreturn F.relu(y, inplace=True)"),
    "a view written in place": stack("pass", "y = self.fc(x)\ny[:, 1:3] = 0\ny[0] *= 2\nreturn y + x"),
    "a view of the input": stack("pass", "return self.fc(x).view(2, 4, 4).transpose(1, 2).reshape(2, 16)"),
    "batch norm counts": stack("self.bn = nn.BatchNorm1d(16)", "return self.bn(self.fc(x))"),
    "dropout with rates of its own": stack(
      "self.p = 0.1 * (i % 2)",
      "return F.dropout(self.fc(x), self.p, self.training)",
    ),
    "a buffer that is replaced": stack(
      "self.register_buffer('m', torch.zeros(16))",
      "self.m = self.m * 0.9 + x.mean(0).detach()\nreturn self.fc(x) + self.m",
    ),
    "a buffer written in place": stack(
      "self.register_buffer('m', torch.zeros(16))",
      "self.m.mul_(0.9).add_(x.mean(0).detach())\nreturn self.fc(x) + self.m",
    ),
    "a table made at the first call": stack(
      "self.t = None",
      "if self.t is None:\n    self.t = torch.ones(16)\nreturn self.fc(x) + self.t",
      { loop: "x = layer(layer(x))" },
    ),
    "a branch on what is unknown": stack("pass", "return self.fc(x) if x.sum() > 0 else x"),
    "a hook": stack("self.fc.register_forward_hook(lambda m, i, o: o * 2)", "return self.fc(x)"),
    "several results": stack("pass", "y = self.fc(x)\nreturn {'x': y, 'all': [y, (x, y)], 'n': 3}", {
      loop: "r = layer(x); x = r['all'][1][1] + r['x']; state.append(r['all'][0])",
    }),
    "an object as a result": stack("pass", "return Out(self.fc(x), None)", {
      before:
        "from dataclasses import dataclass\nfrom typing import Any\n@dataclass\nclass Out:\n    x: Any\n    rest: Any",
      loop: "x = layer(x).x",
    }),
    "a function as a result": stack("pass", "y = self.fc(x)\nreturn lambda: y", { loop: "x = layer(x)()" }),
    "no gradients inside": stack("pass", "with torch.no_grad():\n    y = self.fc(x)\nreturn self.fc(x) + y"),
    "a detached state": stack("pass", "return self.fc(x.detach()) + x"),
    "known numbers": stack("pass", "return self.fc(x) + torch.arange(16) * rest[0]", {
      loop: "x = layer(x, len(state)); state.append(0)",
    }),
    "an exception": stack(
      "self.i = i",
      "try:\n    y = self.fc(x[:, : 16 - self.i % 2])\nexcept RuntimeError:\n    y = x\nreturn y",
    ),
    "a config of all": stack("self.c = config", "return self.fc(x) if self.c.deep else x", {
      before: "class C: pass\nconfig = C()\nconfig.deep = True",
      loop: "config.deep = len(state) % 3 != 1; state.append(1); x = layer(x)",
    }),
    "a generator": stack("pass", "return self.fc(x) * next(rest[0])", {
      loop: "it = it if state else iter([1, 2, 3, 4, 5, 6, 7, 8]); state.append(1); x = layer(x, it)",
    }),
    checkpoints: stack("pass", "return F.gelu(self.fc(x)) + x", {
      before: "from torch.utils.checkpoint import checkpoint",
      loop: "x = checkpoint(layer, x, use_reentrant=False)",
    }),
    "a class changed on the way": stack("pass", "return self.fc(x) * self.scale", {
      before: "",
      loop: "Layer.scale = len(state) // 2; state.append(1); x = layer(x)",
    }),
    "a loop of several calls": stack("pass", "return self.fc(x)", {
      loop: "x = layer(x) + layer(x) + self.layers[0](x)",
    }),
    "an unused result": stack("pass", "y = self.fc(x)\nz = y * 2\nreturn self.fc(x)"),
    "an attribute of the tensor": stack("pass", "y = self.fc(x)\ny.mark = 1\nreturn y", {
      loop: "x = layer(x); state.append(x.mark)",
    }),
    "shapes that change": stack("pass", "return F.pad(self.fc(x), (0, 0, 0, 1))"),
    "keys and values that are kept": stack("pass", "assay.kv_cache(x, x)\nreturn self.fc(x)", {
      before: "import assay",
    }),
  };
  for (const [name, program] of Object.entries(programs)) {
    it(name, () => {
      for (const manner of ["eval", "step float16"] as const) both(program, manner);
    });
  }

  law("layers of random statements", 40, (random) => {
    const init = random.pick(["pass", "self.i = i", "self.i = i // 3", "self.n = nn.LayerNorm(16)\nself.i = 0"]);
    const lines = Array.from({ length: random.integer(2, 6) }, () => statement(random));
    const loop = random.pick([
      "x = layer(x)",
      "x = layer(x) + x",
      "x = layer(x); state.append(x)",
      "y = layer(x); x = y * 2",
    ]);
    both(stack(init, [...lines, "return x"].join("\n"), { loop }), random.pick(manners));
  });
});

function statement(random: Random): string {
  return random.pick([
    "x = self.fc(x)",
    "y = self.fc(x); x = x + y",
    "x = F.relu(x, inplace=True)",
    "x = x + 1",
    "x *= 0.5",
    "x = F.dropout(x, 0.1, self.training)",
    "x = x.view(4, 8).view(2, 16)",
    "x[:, :2] = 0",
    "a, b = x.chunk(2, -1); x = torch.cat([b, a], -1)",
    "x = x.detach()",
    "x = torch.stack([x, x]).mean(0)",
    "if getattr(self, 'i', 0) > 4:\n    x = self.fc(x)",
    "x = [self.fc(x), x][0]",
    "for k in range(3):\n    x = x + k",
    "self.fc(x)",
  ]);
}

describe("the code of one block is interpreted once", () => {
  const block = stack(
    "self.norm = nn.LayerNorm(16)\nself.layer_index = i",
    "return x + F.gelu(self.fc(self.norm(x)))",
    {
      count: 48,
      first: "x = x + self.table.weight[:2]",
    },
  );
  const forward = (bodies: ReadonlyMap<string, number>) =>
    [...bodies]
      .filter(([name]) => name.startsWith("program.py") && name.endsWith(" forward"))
      .map(([, count]) => count);

  for (const manner of manners) {
    it(`48 layers, one letter edited, in ${manner}`, () => {
      const edited = { ...block, setup: block.setup.replace("F.gelu", "F.silu") };
      for (const program of [block, edited]) {
        const { bodies } = both(program, manner);
        assert.deepEqual(forward(bodies), [1, 1]);
      }
      const without = told(block, manner, true);
      assert.deepEqual(forward(without.bodies), [1, 48]);
      assert.equal(told(block, manner, false).spent, without.spent);
    });
  }
});
