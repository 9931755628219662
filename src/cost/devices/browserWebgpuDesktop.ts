import type { Device } from "./device.ts";

/** A page that computes with WebGPU on a desktop's graphics card of 8 GB. */
const browserWebgpuDesktop: Device = {
  id: "generic-browser-webgpu-desktop-8gb",
  name: "Browser, WebGPU on a card",
  kind: "browser",
  memoryBytes: 8e9,
  memoryBytesPerSecond: 272e9,
  flopsPerSecond: { f32: 15.1e12, f16: 15.1e12 },
  limits: { bufferBytes: 2 ** 31, bindingBytes: 2 ** 31 - 4 },
  sources: [
    "https://www.w3.org/TR/webgpu/#limits",
    "https://dawn.googlesource.com/dawn/+/refs/heads/main/src/dawn/native/Limits.cpp",
  ],
  remarks:
    "A class, not a product: memory and rates of an RTX 4060 without its matrix units, which WebGPU does not reach. Chromium rounds an adapter's limits down to tiers; these are the second highest, below 4 GiB. A page must ask for them, as ONNX Runtime does.",
};
export default browserWebgpuDesktop;
