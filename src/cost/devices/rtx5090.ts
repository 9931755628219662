import type { Device } from "./device.ts";

/** NVIDIA GeForce RTX 5090, 32 GB. Dense rates, accumulated in fp32. */
const rtx5090: Device = {
  id: "nvidia-rtx-5090-32gb",
  name: "RTX 5090",
  kind: "gpu",
  memoryBytes: 32e9,
  visibleBytes: 32102 * 2 ** 20,
  memoryBytesPerSecond: 1.792e12,
  flopsPerSecond: { f32: 104.8e12, tf32: 104.8e12, bf16: 209.5e12, f16: 209.5e12, f8: 419e12, f4: 1676e12, i8: 838e12 },
  units: 170,
  lastLevelCacheBytes: 96 * 2 ** 20,
  capability: 12,
  powerWatts: 575,
  interconnect: { name: "pcie5", bytesPerSecond: 64e9 },
  sources: ["https://images.nvidia.com/aem-dam/Solutions/geforce/blackwell/nvidia-rtx-blackwell-gpu-architecture.pdf"],
  remarks:
    "f16 and bf16 are the rates with fp32 accumulation, which is what PyTorch asks for: GeForce cards run it at half of the rate with f16 accumulation (419 TFLOPS).",
};
export default rtx5090;
