import { showBytes } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import { bitsPerWeight, dtypeOf } from "../../tfjs/pipelines.ts";
import type { ScriptRule } from "./rule.ts";

/** What 32-bit addresses of WebAssembly reach. */
const wasmBytes = 4 * 2 ** 30;

/**
 * Weights that are more than WebAssembly can address: its memory ends at 4 GiB, whatever the machine has, and the model cannot be
 * loaded. WebGPU holds weights outside of it, and smaller types need less.
 */
const beyondBrowserMemory: ScriptRule = {
  id: "beyond-browser-memory",
  price: "WebGPU is not in every browser; smaller types round the weights.",

  *check({ model, pipeline }) {
    const params = known(model.root.params);
    if (!pipeline || params === undefined || pipeline.device === "webgpu") return;
    const bits = bitsPerWeight[dtypeOf(pipeline)];
    if (bits === undefined || (bits * params) / 8 <= wasmBytes) return;
    const q4 = ((bitsPerWeight["q4f16"] ?? 0) * params) / 8;
    yield {
      severity: "error",
      at: pipeline.at,
      what: `${pipeline.id} takes ${showBytes((bits * params) / 8, "GB")} as ${dtypeOf(pipeline)}, and WebAssembly ends at ${showBytes(wasmBytes, "GB")}.`,
      why: `It cannot be loaded so. With device: "webgpu" and dtype: "q4f16" it takes ${showBytes(q4, "GB")} on the GPU.`,
      fixes: [],
    };
  },
};
export default beyondBrowserMemory;
