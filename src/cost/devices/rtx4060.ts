import type { Device } from "./device.ts";

/** NVIDIA GeForce RTX 4060, 8 GB. Dense rates, accumulated in fp32. */
const rtx4060: Device = {
  id: "nvidia-rtx-4060-8gb",
  name: "RTX 4060",
  kind: "gpu",
  memoryBytes: 8e9,
  visibleBytes: 7807 * 2 ** 20,
  memoryBytesPerSecond: 272e9,
  flopsPerSecond: { f32: 15.1e12, tf32: 15.1e12, bf16: 30.2e12, f16: 30.2e12, f8: 60.4e12, i8: 121e12 },
  units: 24,
  lastLevelCacheBytes: 24 * 2 ** 20,
  capability: 8.9,
  powerWatts: 115,
  interconnect: { name: "pcie4-x8", bytesPerSecond: 16e9 },
  sources: [
    "https://www.nvidia.com/en-us/geforce/graphics-cards/40-series/rtx-4060-4060ti/",
    "https://images.nvidia.com/aem-dam/Solutions/geforce/ada/nvidia-ada-gpu-architecture.pdf",
  ],
  remarks:
    "The sheet prints 15 TFLOPS and 242 sparse TOPS; the rates between are those of its architecture per clock. f16 and bf16 are the rates with fp32 accumulation, which is what PyTorch asks for: GeForce cards run it at half of the rate with f16 accumulation.",
};
export default rtx4060;
