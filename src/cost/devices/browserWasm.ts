import type { Device } from "./device.ts";

/** A page that computes with WebAssembly SIMD on eight threads of a laptop's CPU. */
const browserWasm: Device = {
  id: "generic-browser-wasm-laptop-4gb",
  name: "Browser, WebAssembly",
  kind: "browser",
  memoryBytes: 4e9,
  memoryBytesPerSecond: 38.4e9,
  flopsPerSecond: { f32: 192e9, i8: 384e9 },
  limits: { bufferBytes: 4 * 2 ** 30 },
  sources: ["https://webassembly.github.io/spec/core/"],
  remarks:
    "A class, not a product. 32-bit addresses end at 4 GiB. fp32: eight threads × 128-bit vectors × 2 × 3 GHz, without fused multiply-add.",
};
export default browserWasm;
