import { showBytes } from "../../base/units.ts";
import { largestWeight, type OnnxFile, onnxFiles } from "../../cost/onnxFiles.ts";
import { dtypeOf, type PipelineUse } from "../../tfjs/pipelines.ts";
import type { ScriptRule } from "./rule.ts";

/** What every adapter has; ONNX Runtime asks for all that there is beyond. */
const promisedBytes = 128 * 2 ** 20;

/**
 * A weight that is more than a shader can have bound at once: WebGPU promises 128 MiB for a binding and 256 MiB for a buffer, and
 * adapters end somewhere above that. The largest weight is nearly always the embedding, which 4-bit types leave wide.
 */
const beyondGpuBuffer: ScriptRule = {
  id: "beyond-gpu-buffer",
  price: "Weights are rounded: little with fp16, more with q8 and q4f16, whose answers must be checked.",

  *check({ model, pipeline }) {
    if (pipeline?.device !== "webgpu") return;
    const { bufferBytes = Number.POSITIVE_INFINITY, bindingBytes = bufferBytes } = model.device?.limits ?? {};
    const most = Math.min(bufferBytes, bindingBytes);
    const files = onnxFiles(model.root);
    const [worst] = files
      .flatMap((file) => ({ file, ...largestWeight(file, dtypeOf(pipeline, file.name)) }))
      .sort((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0));
    if (!worst?.layer || worst.bytes === undefined || worst.bytes <= most) return;
    const onlyPromised = most <= promisedBytes;
    const verb = onlyPromised ? "promises" : "has";
    yield {
      severity: onlyPromised ? "information" : "warning",
      at: pipeline.at,
      what: `${worst.layer.path} takes ${showBytes(worst.bytes, "GB")} in one buffer as ${dtypeOf(pipeline, worst.file.name)}; ${onlyPromised ? "WebGPU" : model.device?.name} ${verb} ${showBytes(most, "GB")}.`,
      why: `${onlyPromised ? "ONNX Runtime asks for all that the adapter has: look at its limits.maxStorageBufferBindingSize." : "The model cannot be loaded there."}${smaller(worst.file, worst.bytes, pipeline)}`,
      fixes: [],
    };
  },
};
export default beyondGpuBuffer;

/** ` As fp16 it takes 77 MB, as q8 38 MB.` */
function smaller(file: OnnxFile, bytes: number, pipeline: PipelineUse): string {
  const sizes = ["fp16", "q8"]
    .filter((dtype) => dtype !== dtypeOf(pipeline, file.name))
    .map((dtype) => ({ dtype, bytes: largestWeight(file, dtype)?.bytes ?? bytes }))
    .filter((one) => one.bytes < bytes)
    .map((one) => `${showBytes(one.bytes, "GB")} as ${one.dtype}`);
  return sizes.length === 0 ? "" : ` Its largest weight is ${sizes.join(", ")}.`;
}
