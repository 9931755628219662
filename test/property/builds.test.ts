import assert from "node:assert/strict";
import { Budget } from "../../src/base/budget.ts";
import { library } from "../../src/configs/library.ts";
import { fileSources } from "../../src/hosts/cli/files.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import { startTorch } from "../../src/torch/install.ts";
import { buildsOf } from "../../src/torch/remember/builds.ts";
import { evaluate, guarded, isFailure, runSetup } from "../../src/torch/session.ts";
import { graphText } from "../support/graph.ts";
import { layerProgram } from "../support/layerProgram.ts";
import { law } from "../support/random.ts";
import { pythonWasm } from "../support/wasm.ts";

const sources = fileSources(await loadPythonParser(pythonWasm()));
const environment = {
  roots: [],
  installed: new Set(["torch", "numpy"]),
  versions: { python: "3.12", torch: "2.11.0" },
};

/** What a program makes, all that was noted, how much it cost, and which classes were built or copied how often. */
function made(text: string, on: boolean) {
  const py = startTorch(sources, environment, new Budget(), library);
  buildsOf(py).on = on;
  const module = runSetup(
    py,
    "program.py",
    `import torch\nfrom torch import nn\nimport torch.nn.functional as F\n${text}`,
  );
  const value = guarded(py, () => evaluate(py, module, "value.py", "model"));
  const { ran, copied } = buildsOf(py);
  const graph = isFailure(value) ? value.reason : graphText(value);
  return {
    graph,
    notes: py.notes.map(({ reason }) => reason),
    spent: [py.budget.steps, py.budget.allocated],
    ran,
    copied,
  };
}

/** The program with and without: both are the same but for how often `__init__` ran. */
function both(text: string) {
  const [without, remembered] = [made(text, false), made(text, true)];
  assert.equal(remembered.graph, without.graph, text);
  assert.deepEqual(remembered.notes, without.notes, text);
  assert.deepEqual(remembered.spent, without.spent, text);
  assert.equal(without.copied.size, 0);
  return remembered;
}

const blocks = (init: string, call = "Block(i)", before = "", after = "") => `
${before}
class Block(nn.Module):
    def __init__(self, index, rate=0.0, config=None):
        super().__init__()
${init
  .trim()
  .split("\n")
  .map((line) => `        ${line.trimEnd()}`)
  .join("\n")}

    def forward(self, x):
        return x

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([${call} for i in range(48)])

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x

model = Model()
${after}
`;

describe("layers that were built before are copied", () => {
  const built: Record<string, readonly [program: string, ran: number]> = {
    "equal blocks": [blocks("self.a = nn.Linear(8, 8)\nself.b = nn.LayerNorm(8)"), 2],
    "an index that is stored": [blocks("self.index = index\nself.a = nn.Linear(8, 8)"), 2],
    "an index that is handed down and counted on from": [
      blocks(
        "self.index = index\nself.inner = Inner(index + 1)",
        "Block(i)",
        "class Inner(nn.Module):\n    def __init__(self, index):\n        super().__init__()\n        self.index = index\n        self.next = index * 2\n        self.a = nn.Linear(4, 4)",
      ),
      2,
    ],
    "a rate that decides between two layers": [
      blocks("self.drop = nn.Dropout(rate) if rate > 0.0 else nn.Identity()", "Block(0, rate=i / 100)"),
      2,
    ],
    "an index that picks from a list": [
      blocks(
        "self.kind = kinds[index]\nself.a = nn.Linear(4, 4 if self.kind == 'small' else 8)",
        "Block(i)",
        "kinds = ['small'] * 40 + ['large'] * 8",
      ),
      3,
    ],
    "an index that decides by its remainder": [
      blocks("self.a = nn.Linear(4, 4) if index % 4 == 0 else nn.Linear(4, 8)"),
      3,
    ],
    "an index that is a size": [blocks("self.a = nn.Linear(index + 1, 2)\nself.c = nn.Conv2d(index + 2, 6, 3)"), 2],
    "an index that may be missing": [
      blocks("self.index = index\nself.a = nn.Linear(2, 2)\nif index is None:\n    raise ValueError('index')"),
      2,
    ],
    "tied weights inside": [
      blocks("self.a = nn.Linear(8, 8)\nself.b = nn.Linear(8, 8)\nself.b.weight = self.a.weight"),
      2,
    ],
    "closures and bound methods": [
      blocks(
        "weight = nn.Parameter(torch.zeros(3))\nself.weight = weight\nself.get = lambda: weight\nself.call = self.forward\nself.me = lambda: self",
      ),
      2,
    ],
    "buffers with known data": [
      blocks("self.register_buffer('at', torch.arange(4), persistent=False)\nself.register_buffer('mask', None)"),
      2,
    ],
    "configs of their own that say the same": [
      blocks(
        "self.a = nn.Linear(config.width, config.width)\nself.config = config",
        "Block(0, config=Config())",
        "class Config:\n    def __init__(self):\n        self.width = 4\n        self.other = []",
      ),
      1,
    ],
    "containers of their own": [
      blocks("self.sizes = config\nself.a = nn.Linear(config[0], config[1])", "Block(0, config=[4, 8])"),
      1,
    ],
    hooks: [blocks("self.a = nn.Linear(2, 2)\nself.register_forward_hook(lambda module, args, out: out)"), 48],
  };
  for (const [title, [program, ran]] of Object.entries(built))
    it(`${title}: ${ran} of 48 are built`, () => {
      const { ran: counted, copied } = both(program);
      assert.equal(counted.get("Block"), ran);
      assert.equal((counted.get("Block") ?? 0) + (copied.get("Block") ?? 0), 48);
    });

  const anew: Record<string, string> = {
    "a counter of the class": blocks("Block.count += 1\nself.number = Block.count", "Block(0)", "", "").replace(
      "    def __init__(self, index",
      "    count = 0\n    def __init__(self, index",
    ),
    "a counter of the module": blocks("global count\ncount += 1\nself.number = count", "Block(0)", "count = 0"),
    "a list of somebody else's": blocks("made.append(self)\nself.number = len(made)", "Block(0)", "made = []"),
    "an iterator of somebody else's": blocks("self.number = next(numbers)", "Block(0)", "numbers = iter(range(100))"),
    "a generator of somebody else's": blocks(
      "self.number = next(numbers)",
      "Block(0)",
      "numbers = (n for n in range(100))",
    ),
    "itertools.count": blocks(
      "self.number = next(numbers)",
      "Block(0)",
      "import itertools\nnumbers = itertools.count()",
    ),
    "a config that is written to": blocks(
      "config.made += 1\nself.number = config.made",
      "Block(0, config=config)",
      "class Config:\n    made = 0\nconfig = Config()",
    ),
    "a dict that is written to": blocks(
      "config['made'] = config['made'] + 1\nself.number = config['made']",
      "Block(0, config=config)",
      "config = {'made': 0}",
    ),
    "a set that grows": blocks("names.add(index)\nself.number = len(names)", "Block(i)", "names = set()"),
    identity: blocks("self.number = id(self) % 2\nself.same = id(self) == id(self)", "Block(0)"),
    "a cell that changes": `
def outer():
    count = 0
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            nonlocal count
            count += 1
            self.number = count
    return nn.ModuleList([Block() for _ in range(6)])
model = outer()
`,
    "an index in a text": blocks("self.name = f'block.{index}'\nself.add_module(f'layer{index}', nn.Linear(2, 2))"),
    "an index in a dict": blocks("self.width = widths[index]", "Block(i)", "widths = {i: i * i for i in range(48)}"),
    "known elements that are few or many": blocks(
      "self.a = nn.Parameter(torch.zeros(index * 200))\nself.register_buffer('b', torch.ones(2, index * 100 + 1))\nself.c = torch.zeros(index, index)",
    ),
    "an index that is a number of elements": blocks(
      "self.a = nn.Parameter(torch.ones(index + 1))\nself.n = self.a.numel()\nself.v = torch.empty(index + 1, 4).t()",
    ),
    "an index that is looped over": blocks("self.layers = nn.ModuleList([nn.Linear(2, 2) for _ in range(index)])"),
    "something unknown": blocks("import random\nself.rate = random.random()\nself.a = nn.Linear(2, 2)", "Block(0)"),
    "a decision about something unknown": blocks(
      "import random\nif random.random() > 0.5:\n    self.a = nn.Linear(2, 2)\nelse:\n    self.a = nn.Linear(2, 4)",
      "Block(0)",
    ),
  };
  for (const [title, program] of Object.entries(anew)) it(`${title} is as it is without`, () => void both(program));

  const changes: Record<string, string> = {
    "a global": "width = 4\nfirst = Block()\nwidth = 8",
    "an attribute of a config": "config.width = 4\nfirst = Block()\nconfig.width = 8",
    "an item of a list": "widths[0] = 4\nfirst = Block()\nwidths[0] = 8",
    "an attribute of the class": "Block.wide = 4\nfirst = Block()\nBlock.wide = 8",
    "a function of another class": "first = Block()\nInner.size = lambda self: 8",
    "the default dtype": "first = Block()\ntorch.set_default_dtype(torch.float64)",
    "whether gradients are followed": "first = Block()\ntorch.set_grad_enabled(False)",
  };
  for (const [title, statements] of Object.entries(changes))
    it(`a copy is not taken where ${title} has changed`, () => {
      const program = `
class Config:
    width = 4
config = Config()
config.width = 4
widths = [4]
width = 4
class Inner:
    def size(self):
        return 4
class Block(nn.Module):
    wide = 4
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(width + config.width, widths[0] + self.wide + Inner().size())
class Holder(nn.Module):
    def __init__(self, change):
        super().__init__()
        self.first = nn.ModuleList([Block() for _ in range(3)])
        change()
        self.second = nn.ModuleList([Block() for _ in range(3)])
def change():
    global width
${statements
  .split("\n")
  .map((line) => `    ${line}`)
  .join("\n")}
model = Holder(change)
`;
      both(program);
    });

  it("a layer that changes later leaves its copies alone", () => {
    both(`${blocks("self.index = index\nself.a = nn.Linear(8, 8)\nself.names = ['a']")}
model.blocks[0].names.append('b')
model.blocks[3].a = nn.Linear(8, 2)
model.blocks[5].a.weight.requires_grad_(False)
model.blocks[7].a.bias = model.blocks[9].a.bias
again = [Block(1) for _ in range(4)]
`);
  });

  law("programs made by chance give the same with and without", 40, (random) => {
    both(layerProgram(random));
  });
});
