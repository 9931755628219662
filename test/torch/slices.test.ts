import assert from "node:assert/strict";
import { call } from "../../src/python/calls.ts";
import type { Value } from "../../src/python/values.ts";
import { startTorch } from "../../src/torch/install.ts";
import { runSetup } from "../../src/torch/session.ts";
import { tracerOf } from "../../src/torch/tensorObject.ts";
import { parser } from "../syntax/parser.ts";

const text = `
import torch
def mapped():
    return torch.vmap(torch.matmul, in_dims=(0, None))(torch.zeros(5, 2, 3), torch.zeros(3, 4))
def experts(x, weight):
    out = torch.zeros_like(x)
    for expert in torch.greater(x.sum(-1), 0).nonzero():
        out = out + torch.matmul(x, weight)
    return out
def batched():
    return torch.matmul(torch.zeros(5, 2, 3), torch.zeros(3, 4))
`;

describe("an operation that stands for several", () => {
  it("in a loop over what is not known costs nobody knows what", () => {
    const sources = {
      module: () => undefined,
      folder: () => false,
      text: () => undefined,
      parse: parser.parse.bind(parser),
    };
    const environment = { roots: [], installed: new Set(["torch"]), versions: { python: "3.12", torch: "2.11.0" } };
    const py = startTorch(sources, environment);
    const { attrs } = runSetup(py, "slices.py", `${text}\nx, weight = torch.randn(4, 8), torch.randn(8, 8)\n`);
    tracerOf(py).begin();
    call(py, attrs.get("experts") as Value, [attrs.get("x") as Value, attrs.get("weight") as Value]);
    assert.ok(tracerOf(py).events.some(({ kind }) => kind === "unknown"));
    assert.ok(py.notes.some(({ kind }) => kind === "unknown-loop"));
  });

  it("under vmap costs what the function costs on all slices", () => {
    const sources = {
      module: () => undefined,
      folder: () => false,
      text: () => undefined,
      parse: parser.parse.bind(parser),
    };
    const environment = { roots: [], installed: new Set(["torch"]), versions: { python: "3.12", torch: "2.11.0" } };
    const py = startTorch(sources, environment);
    const { attrs } = runSetup(py, "slices.py", text);
    const products = (name: string) => {
      const tracer = tracerOf(py);
      tracer.begin();
      call(py, attrs.get(name) as Value, []);
      const events = tracer.events.flatMap((event) => (event.kind === "operation" && event.macs !== 0 ? [event] : []));
      return {
        macs: events.map(({ macs }) => macs),
        bytes: events.flatMap(({ made }) => made.map((one) => one.bytes)),
      };
    };
    assert.deepEqual(products("mapped"), products("batched"));
    assert.deepEqual(products("mapped"), { macs: [5 * 2 * 3 * 4], bytes: [5 * 2 * 4 * 4] });
  });
});
