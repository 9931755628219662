import type { Device } from "./device.ts";

/** NVIDIA GeForce RTX 3090, 24 GB. Dense rates, accumulated in fp32. */
const rtx3090: Device = {
  id: "nvidia-rtx-3090-24gb",
  name: "RTX 3090",
  kind: "gpu",
  memoryBytes: 24e9,
  visibleBytes: 24260 * 2 ** 20,
  memoryBytesPerSecond: 936e9,
  flopsPerSecond: { f32: 35.6e12, tf32: 35.6e12, bf16: 71e12, f16: 71e12, i8: 284e12, i4: 568e12 },
  units: 82,
  lastLevelCacheBytes: 6 * 2 ** 20,
  capability: 8.6,
  powerWatts: 350,
  interconnect: { name: "nvlink3-bridge", bytesPerSecond: 56.25e9 },
  sources: ["https://www.nvidia.com/content/PDF/nvidia-ampere-ga-102-gpu-architecture-whitepaper-v2.pdf"],
  remarks:
    "f16 and bf16 are the rates with fp32 accumulation, which is what PyTorch asks for: GeForce cards run it at half of the rate with f16 accumulation (142 TFLOPS).",
};
export default rtx3090;
