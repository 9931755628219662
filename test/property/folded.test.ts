import assert from "node:assert/strict";
import { law, type Random } from "../support/random.ts";
import { type Manner, type Program, told } from "../support/traces.ts";

/** The same with loops folded and unrolled; gives how often rounds were interpreted, and how many were folded. */
function both(program: Program, manner: Manner) {
  const [unrolled, folded] = [told(program, manner, true), told(program, manner, false)];
  const at = unrolled.lines.findIndex((line, i) => line !== folded.lines[i]);
  assert.equal(folded.lines[at], unrolled.lines[at], `line ${at} of ${program.setup}`);
  assert.equal(folded.lines.length, unrolled.lines.length);
  return folded;
}

/** A model of one loop; `body` runs inside `forward(self, x)` with `x` of 2 × `steps` × 16. */
function looped(body: string, { init = "pass", steps = 40, before = "" } = {}): Program {
  const block = (text: string) =>
    text
      .trim()
      .split("\n")
      .map((line) => `        ${line}`)
      .join("\n");
  return {
    setup: `${before}
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.RNNCell(16, 16)
        self.fc = nn.Linear(16, 16)
        self.gates = nn.Linear(16, 64)
${block(init)}
    def forward(self, x):
        b, T, d = x.shape
        h = torch.zeros(b, d)
        c = torch.zeros(b, d)
        outs = []
${block(body)}
`,
    model: "Model()",
    args: [`float32[2, ${steps}, 16]`],
  };
}

const loop = (body: string, head = "for t in range(T):", last = "return h, c, outs") =>
  `${head}\n${body
    .trim()
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n")}\n${last}`;

/** Loops whose rounds are alike but for the first ones. */
const alike: Record<string, Program> = {
  "a cell, outputs in a list": looped(
    loop("h = self.cell(x[:, t], h)\nouts.append(h)", undefined, "return torch.stack(outs, 1)"),
  ),
  "an LSTM written out": looped(
    loop(
      "i, f, g, o = (self.gates(x[:, t, :]) + self.gates(h)).chunk(4, -1)\nc = f.sigmoid() * c + i.sigmoid() * g.tanh()\nh = o.sigmoid() * c.tanh()\nouts.append(h)",
    ),
  ),
  "outputs written into one tensor": looped(
    loop("h = self.cell(x[:, t], h)\nout[:, t] = h", "out = torch.zeros(b, T, d)\nfor t in range(T):", "return out"),
  ),
  "a selective scan": looped(
    loop(
      "s = A[:, t] * s + B[:, t]\ny = torch.einsum('bdn,bn->bd', s, C[:, t, :])\nouts.append(y)",
      "A = torch.einsum('bld,dn->bldn', x, self.a).exp()\nB = torch.einsum('bld,bln->bldn', x, x[..., :4])\nC = x[..., 4:8]\ns = torch.zeros(b, d, 4)\nfor t in range(T):",
      "return torch.stack(outs, 1) + x",
    ),
    { init: "self.a = nn.Parameter(torch.ones(16, 4))" },
  ),
  "backwards in time": looped(loop("h = self.cell(x[:, T - 1 - t], h)\nouts.append(h)")),
  "a range that counts down": looped(
    loop("h = self.cell(x[:, t], h)\nouts.append(h)", "for t in range(T - 1, -1, -1):"),
  ),
  "steps of two": looped(loop("h = self.cell(x[:, t], h) + x[:, t + 1]", "for t in range(0, T, 2):", "return h"), {
    steps: 80,
  }),
  "slices of one": looped(loop("h = h + self.fc(x[:, t : t + 1]).squeeze(1)", undefined, "return h")),
  narrowed: looped(loop("h = h + self.fc(x.narrow(1, t, 1)[:, 0])", undefined, "return h")),
  enumerated: looped(loop("h = self.cell(xt, h) + x[:, t]\nouts.append(h)", "for t, xt in enumerate(x.unbind(1)):")),
  zipped: looped(loop("h = self.cell(a, h) + b2", "for a, b2 in zip(x.unbind(1), x.flip(1).unbind(1)):", "return h")),
  "over the tensor itself": looped(loop("h = self.cell(xt, h)\nouts.append(h)", "for xt in x.transpose(0, 1):")),
  "counted by hand": looped(loop("h = self.cell(x[:, t], h)\nouts.append(h)\nt += 1", "t = 0\nwhile t < T:")),
  "a count beside": looped(loop("h = self.cell(x[:, n], h)\nn = n + 1", "n = 0\nfor t in range(T):", "return h, n")),
  "a layer called each time": looped(loop("h = h - 0.1 * self.net(h)", undefined, "return h"), {
    init: "self.net = nn.Sequential(nn.Linear(16, 32), nn.GELU(), nn.Linear(32, 16))",
  }),
  "without gradients": looped(loop("with torch.no_grad():\n    h = self.cell(x[:, t], h)\n    outs.append(h)")),
  "detached now and then": looped(loop("h = self.cell(x[:, t], h.detach())\nouts.append(h)")),
  "kept in place": looped(loop("h = h.clone()\nh += x[:, t]\nh.mul_(0.5)", undefined, "return h")),
  "two lists": looped(
    loop(
      "h = self.cell(x[:, t], h)\nouts.append(h)\nmore.append((h, t))",
      "more = []\nfor t in range(T):",
      "return outs, [n for _, n in more]",
    ),
  ),
  "a helper function": looped(loop("h = advance(self.cell, x, t, h)\nouts.append(h)"), {
    before: "def advance(cell, x, t, h):\n    y = cell(x[:, t], h)\n    return y + h",
  }),
  "in a function of its own": looped("return scan(self.cell, x, h)", {
    before:
      "def scan(cell, x, h):\n    outs = []\n    for t in range(x.shape[1]):\n        h = cell(x[:, t], h)\n        outs.append(h)\n    return torch.stack(outs, 1), h",
  }),
  "a branch that goes the same way": looped(
    loop("if t >= 0:\n    h = self.cell(x[:, t], h)\nelse:\n    h = h * 2", undefined, "return h"),
  ),
  "in a layer called again": looped("return self.inner(self.inner(x))", {
    init: "self.inner = Inner()",
    before:
      "class Inner(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.cell = nn.RNNCell(16, 16)\n    def forward(self, x):\n        h, outs = x[:, 0], []\n        for t in range(x.shape[1]):\n            h = self.cell(x[:, t], h)\n            outs.append(h)\n        return torch.stack(outs, 1)",
  }),
};

/** Loops whose rounds differ, or do more than rounds do: some of their rounds are interpreted each time. */
const different: Record<string, Program> = {
  "shapes that grow": looped(loop("h = self.fc(x[:, : t + 1]).sum(1)", undefined, "return h")),
  "a list that is joined each time": looped(
    loop("outs.append(x[:, t])\nh = torch.stack(outs, 1).mean(1)", undefined, "return h"),
  ),
  "a tensor that grows": looped(
    loop("z = torch.cat([z, x[:, t : t + 1]], 1)", "z = x[:, :1]\nfor t in range(T):", "return z"),
  ),
  "one round of its own": looped(loop("h = self.cell(x[:, t], h)\nif t == 17:\n    h = self.fc(h)\nouts.append(h)")),
  "every fourth round": looped(loop("h = self.cell(x[:, t], h)\nif t % 4 == 0:\n    outs.append(h)")),
  "the first and the last": looped(
    loop(
      "if t == 0:\n    h = x[:, 0]\nelif t == T - 1:\n    c = h\nh = self.cell(x[:, t], h)",
      undefined,
      "return h, c",
    ),
  ),
  "an end in the middle": looped(loop("h = self.cell(x[:, t], h)\nif t > 20:\n    break\nouts.append(h)")),
  "rounds left out": looped(loop("if t % 3 == 1:\n    continue\nh = self.cell(x[:, t], h)\nouts.append(h)")),
  "a return from inside": looped(
    loop("h = self.cell(x[:, t], h)\nif t == 25:\n    return h", undefined, "return h, c"),
  ),
  "an else behind it": looped("for t in range(T):\n    h = self.cell(x[:, t], h)\nelse:\n    h = self.fc(h)\nreturn h"),
  "loops in loops": looped(
    loop("for k in range(20):\n    h = h + self.fc(x[:, t])\nouts.append(h)", "for t in range(20):"),
  ),
  "a loop in each round that grows": looped(
    loop("for k in range(t):\n    h = h + x[:, k]\nouts.append(h)", "for t in range(24):"),
  ),
  "a layer of its own each time": looped(loop("h = layer(h)", "for layer in self.layers:", "return h"), {
    init: "self.layers = nn.ModuleList([nn.Linear(16, 16) for _ in range(20)])",
  }),
  "a layer found by number": looped(loop("h = self.layers[t](h)", "for t in range(20):", "return h"), {
    init: "self.layers = nn.ModuleList([nn.Linear(16, 16) for _ in range(20)])",
  }),
  "an attribute that is set": looped(loop("self.h = self.cell(x[:, t], h)\nh = self.h", undefined, "return h")),
  "a state in a layer": looped(loop("h = self.leaky(x[:, t])\nouts.append(h)"), {
    init: "self.leaky = Leaky()",
    before:
      "class Leaky(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.mem = None\n    def forward(self, x):\n        self.mem = x if self.mem is None else self.mem * 0.9 + x\n        return (self.mem > 1).float()",
  }),
  "a dict that is written": looped(
    loop("h = self.cell(x[:, t], h)\nkept[t] = h", "kept = {}\nfor t in range(T):", "return kept"),
  ),
  "a list by number": looped(
    loop("h = self.cell(x[:, t], h)\nkept[t] = h", "kept = [None] * T\nfor t in range(T):", "return kept"),
  ),
  "a list read back": looped(loop("h = self.cell(x[:, t], h)\nouts.append(h)\nh = h + outs[-1] + outs[max(0, t - 2)]")),
  "a list that is also elsewhere": looped(
    loop(
      "h = self.cell(x[:, t], h)\nouts.append(h)\nif len(twin[0]) > 30:\n    h = h * 2",
      "twin = [outs]\nfor t in range(T):",
    ),
  ),
  "a known number": looped(loop("h = self.cell(x[:, t], h) + torch.full((2, 1), t)", undefined, "return h")),
  "a number in the arithmetic": looped(loop("h = self.cell(x[:, t], h) * (1 - t / T)", undefined, "return h")),
  "a table of numbers": looped(
    loop("h = self.cell(x[:, t], h) * rates[t]", "rates = [0.1 * k for k in range(T)]\nfor t in range(T):", "return h"),
  ),
  "a text of the number": looped(
    loop("kept[f'step {t}'] = self.fc(x[:, t])", "kept = {}\nfor t in range(T):", "return kept"),
  ),
  "teacher forcing": looped(
    loop("h = self.cell(x[:, t] if t == 0 or t % 5 else c, h)\nc = self.fc(h)", undefined, "return h"),
  ),
  "what is not known": looped(loop("h = self.cell(x[:, t], h)\nif h.sum() > 0:\n    h = h * 2", undefined, "return h")),
  "a buffer that counts": looped(loop("h = self.bn(self.cell(x[:, t], h))", undefined, "return h"), {
    init: "self.bn = nn.BatchNorm1d(16)",
  }),
  "an exception caught": looped(
    loop("try:\n    h = self.cell(x[:, t + 1], h)\nexcept IndexError:\n    h = h * 2", undefined, "return h"),
  ),
  "a generator of steps": looped(
    loop(
      "h = self.cell(x[:, t], h)\nouts.append(h)",
      "def steps():\n    for k in range(T):\n        yield k\nfor t in steps():",
    ),
  ),
  "a function made in each round": looped(
    loop("step = lambda y: self.cell(y, h)\nh = step(x[:, t])", undefined, "return h"),
  ),
  "a result that nobody uses": looped(
    loop("h = self.cell(x[:, t], h)\nz = self.fc(h).softmax(-1)", undefined, "return h"),
  ),
  "a window of the past": looped(
    loop(
      "past = past[1:] + [x[:, t]]\nh = self.cell(sum(past), h)",
      "past = [x[:, 0]] * 3\nfor t in range(T):",
      "return h",
    ),
  ),
  "a sliding slice": looped(loop("h = h + self.fc(x[:, max(0, t - 3) : t + 1]).mean(1)", undefined, "return h")),
  "past the end": looped(loop("h = h + self.fc(x[:, t : t + 4]).sum(1)", undefined, "return h")),
  "swapped each time": looped(loop("h, c = c, self.cell(x[:, t], h)")),
  "written over its own input": looped(
    loop("y[:, t] = self.cell(y[:, t], h)\nh = y[:, t]", "y = x.clone()\nfor t in range(T):", "return y"),
  ),
};

describe("loops that are folded change no answer", () => {
  for (const [name, program] of Object.entries({ ...alike, ...different })) {
    it(name, () => {
      for (const manner of ["eval", "step float16"] as const) both(program, manner);
    });
  }

  law("loops of random statements", 60, (random) => {
    const lines = Array.from({ length: random.integer(1, 5) }, () => statement(random));
    const head = random.pick([
      "for t in range(T):",
      "for t in range(T - 1, 0, -1):",
      "t = -1\nwhile t < T - 2:\n    t += 1",
    ]);
    both(looped(loop(lines.join("\n"), head), { steps: 24 }), random.pick(["eval", "step", "step float16"] as const));
  });
});

function statement(random: Random): string {
  const tensor = random.pick(["h", "c", "x[:, t]", "x[:, t : t + 1].squeeze(1)"]);
  return random.pick([
    `h = self.cell(${tensor}, h)`,
    `c = self.fc(${tensor})`,
    "h, c = c, h",
    "h = h + c",
    `c = c * ${tensor}`,
    "outs.append(h)",
    "outs.append((c, t))",
    `if t % ${random.integer(2, 6)} == 0:\n    h = h + x[:, t]`,
    `if t == ${random.integer(3, 20)}:\n    c = c + 1`,
    `if t > ${random.integer(8, 30)}:\n    continue`,
    `if t == ${random.integer(12, 40)}:\n    break`,
    "h = h.clone(); h += 1",
    "h = F.dropout(h, 0.1, self.training)",
    "c = c.detach()",
    "for k in range(2):\n    h = h + k",
    "z = [h, c]; c = torch.stack(z).sum(0)",
    "z = h.relu(); h = z.view(4, 8).view(2, 16)",
  ]);
}

describe("the body of a loop over time is interpreted once for each kind of round", () => {
  for (const [name, program] of Object.entries(alike)) {
    it(name, () => {
      const steps = { setup: program.setup, model: program.model, args: ["float32[2, 400, 16]"] };
      const [few, many] = [told(program, "step", false), told(steps, "step", false)];
      const count = (bodies: ReadonlyMap<string, number>) => [...bodies.values()].reduce((sum, one) => sum + one, 0);
      assert.ok(count(many.bodies) <= count(few.bodies) + 8, `${count(few.bodies)} and ${count(many.bodies)} bodies`);
    });
  }

  it("a thousand steps cost what they cost unrolled", () => {
    const program = { ...looped(loop("h = self.cell(x[:, t], h)\nouts.append(h)")), args: ["float32[2, 1000, 16]"] };
    const folded = both(program, "step");
    assert.equal(folded.spent, told(program, "step", true).spent);
  });
});
