import type { Device } from "./device.ts";

/** NVIDIA RTX A6000, 48 GB: the GPU that Edge-MoE compares with. */
const rtxA6000: Device = {
  id: "nvidia-rtx-a6000-48gb",
  name: "RTX A6000",
  kind: "gpu",
  memoryBytes: 48e9,
  memoryBytesPerSecond: 768e9,
  flopsPerSecond: { f32: 38.7e12, tf32: 77.4e12, bf16: 154.8e12, f16: 154.8e12, i8: 309.7e12, i4: 619.3e12 },
  units: 84,
  lastLevelCacheBytes: 6 * 2 ** 20,
  capability: 8.6,
  powerWatts: 300,
  interconnect: { name: "nvlink3-bridge", bytesPerSecond: 56.25e9 },
  sources: [
    "https://www.nvidia.com/en-us/design-visualization/rtx-a6000/",
    "https://www.nvidia.com/content/PDF/nvidia-ampere-ga-102-gpu-architecture-whitepaper-v2.pdf",
  ],
};
export default rtxA6000;
