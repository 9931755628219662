import type { Device } from "./device.ts";

/** A page that computes with WebGPU on a laptop's integrated GPU. */
const browserWebgpu: Device = {
  id: "generic-browser-webgpu-laptop-4gb",
  name: "Browser, WebGPU",
  kind: "browser",
  memoryBytes: 4e9,
  memoryBytesPerSecond: 76.8e9,
  flopsPerSecond: { f32: 2e12, f16: 4e12 },
  limits: { bufferBytes: 256 * 2 ** 20, bindingBytes: 128 * 2 ** 20 },
  sources: ["https://www.w3.org/TR/webgpu/#limits"],
  remarks:
    "A class, not a product. No buffer beyond 256 MiB, none bound beyond 128 MiB, unless the page asks for more and the adapter has it.",
};
export default browserWebgpu;
