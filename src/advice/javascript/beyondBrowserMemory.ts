import { showBytes } from "../../base/units.ts";
import { onnxBytes } from "../../cost/onnxFiles.ts";
import { typesOf } from "../../tfjs/pipelines.ts";
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
    if (!pipeline || pipeline.device === "webgpu") return;
    const bytes = onnxBytes(model.root, pipeline);
    const small = onnxBytes(model.root, { dtype: "q4f16", dtypes: undefined, device: "webgpu" });
    if (bytes === undefined || small === undefined || bytes <= wasmBytes) return;
    yield {
      severity: "error",
      at: pipeline.at,
      what: `${pipeline.id} takes ${showBytes(bytes, "GB")} as ${typesOf(pipeline)}, and WebAssembly ends at ${showBytes(wasmBytes, "GB")}.`,
      why: `It cannot be loaded so. With device: "webgpu" and dtype: "q4f16" it takes ${showBytes(small, "GB")} on the GPU.`,
      fixes: [],
    };
  },
};
export default beyondBrowserMemory;
