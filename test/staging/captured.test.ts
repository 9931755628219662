import assert from "node:assert/strict";
import h200 from "../../src/cost/devices/h200Sxm141.ts";
import { timeOf } from "../../src/cost/time/timeOf.ts";
import type { Operation, Trace } from "../../src/trace/trace.ts";
import { type MeasuredModel, scenarioOf, tracedForms } from "../support/timing.ts";
import { weighed } from "../support/weigh.ts";

const config = {
  model_type: "bert",
  architectures: ["BertForMaskedLM"],
  hidden_size: 256,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  intermediate_size: 1024,
};

function row(more: Partial<MeasuredModel>): MeasuredModel {
  const request = { model: "", kwargs: { input_ids: "int64[2,128]" }, config };
  return {
    row: "model",
    name: "",
    phase: "prefill",
    batch: 2,
    sequence: 128,
    dtype: "bf16",
    loop_ms: 0,
    host_ms: 0,
    request,
    ...more,
  };
}

function forms(one: MeasuredModel) {
  const found = tracedForms(one, "");
  assert(typeof found !== "string", String(found));
  return found;
}

const operations = ({ events }: Trace) => events.filter((event): event is Operation => event.kind === "operation");
const attention = (trace: Trace) => operations(trace).filter(({ name }) => /attention/.test(name));
const flops = (trace: Trace) => operations(trace).reduce((sum, { macs }) => sum + 2 * (macs as number), 0);

describe("a program that a CUDA graph captures", () => {
  it("of transformers' kind builds the masks that it skips in eager mode, which changes no multiply-adds", () => {
    const { trace, captured } = forms(row({}));
    assert(captured);
    assert(attention(trace).every(({ call }) => call.args[3] === null));
    assert(attention(captured).every(({ call }) => call.args[3] !== null));
    assert.equal(flops(captured), flops(trace));
    // A mask without an axis of keys leaves only the composed kernel.
    const kinds = timeOf(captured, { device: h200, scenario: scenarioOf(row({})) }).kinds.map(({ kind }) => kind);
    assert(kinds.includes("fp32 product") && !kinds.some((kind) => /attention/.test(kind)), kinds.join());
  });

  it("of a decoder has masks with every key, which a fused kernel reads", () => {
    const request = {
      model: "",
      kwargs: { input_ids: "int64[2,128]", use_cache: false },
      config: { ...config, model_type: "llama", architectures: ["LlamaForCausalLM"] },
    };
    const { captured } = forms(row({ request }));
    const kinds = timeOf(captured as Trace, { device: h200, scenario: scenarioOf(row({})) }).kinds.map(
      ({ kind }) => kind,
    );
    assert(kinds.includes("cudnn attention"), kinds.join());
  });

  it("is interpreted for a prefill alone, and only where it asks", () => {
    const request = { setup: "from torch import nn", model: "nn.Linear(8, 8)", kwargs: { input: "bfloat16[2,8]" } };
    assert.equal(forms(row({ request })).captured, undefined);
    const labels = { model: "", kwargs: { input_ids: "int64[2,128]", labels: "int64[2,128]" }, config };
    assert.equal(forms(row({ phase: "train", request: labels })).captured, undefined);
  });

  it("can ask through torch.cuda, each time anew", () => {
    const setup = [
      "import torch",
      "from torch import nn",
      "class Net(nn.Module):",
      "    def __init__(self):",
      "        super().__init__()",
      "        self.inner = nn.ModuleList(Inner() for _ in range(3))",
      "    def forward(self, x):",
      "        for one in self.inner:",
      "            x = one(x)",
      "        return x",
      "class Inner(nn.Module):",
      "    def forward(self, x):",
      "        return x.exp() if torch.cuda.is_current_stream_capturing() else x.log()",
    ].join("\n");
    const { trace, captured } = forms(row({ request: { setup, model: "Net()", kwargs: { x: "bfloat16[2,8]" } } }));
    assert.deepEqual(
      operations(trace).map(({ name }) => name),
      Array(3).fill("aten.log"),
    );
    assert.deepEqual(
      operations(captured as Trace).map(({ name }) => name),
      Array(3).fill("aten.exp"),
    );
  });
});

describe("attention modules in inference", () => {
  const setup = "import torch\nfrom torch import nn";
  const layer = "nn.TransformerEncoderLayer(64, 4, 128, batch_first=True)";
  const run = (
    model: string,
    phase: "prefill" | "train" = "prefill",
    kwargs = { src: "bfloat16[2,16,64]" } as object,
  ) => forms(row({ phase, request: { setup, model, kwargs: kwargs as Record<string, unknown> } })).trace;
  const slow = `[torch.backends.mha.set_fastpath_enabled(False), ${layer}][1]`;

  it("take PyTorch's fast path, with the same multiply-adds and fewer operations", () => {
    const [fast, stepped] = [run(layer), run(slow)];
    assert.equal(flops(fast), flops(stepped));
    const moving = (trace: Trace) => operations(trace).filter(({ bytesWritten }) => bytesWritten !== 0).length;
    // Three products behind the attention, two sums in place, two norms: as the profiler of an H200 lists them.
    assert.equal(moving(fast), 9);
    assert(moving(stepped) >= 11, String(moving(stepped)));
    assert.deepEqual(
      weighed({ setup, model: layer, args: ["float32[2,16,64]"] }).modules?.["linear1"]?.flops,
      2 * 32 * 64 * 128,
    );
  });

  it("go step by step in training, with masks, with batches second and with odd heads", () => {
    const isFast = (trace: Trace) =>
      !operations(trace).some(({ name }) => name === "aten.relu" || name === "aten.gelu");
    assert(isFast(run(layer)));
    assert(!isFast(run(layer, "train")));
    assert(!isFast(run(layer, "prefill", { src: "bfloat16[2,16,64]", src_key_padding_mask: "bool[2,16]" })));
    assert(!isFast(run("nn.TransformerEncoderLayer(64, 4, 128)")));
    assert(
      !isFast(run("nn.TransformerEncoderLayer(72, 3, 128, batch_first=True)", "prefill", { src: "bfloat16[2,16,72]" })),
    );
  });
});
