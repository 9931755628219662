import type { Device } from "./device.ts";

/** NVIDIA GeForce RTX 4090, 24 GB. Dense rates, accumulated in fp32. */
const rtx4090: Device = {
  id: "nvidia-rtx-4090-24gb",
  name: "RTX 4090",
  kind: "gpu",
  memoryBytes: 24e9,
  visibleBytes: 24217 * 2 ** 20,
  memoryBytesPerSecond: 1.008e12,
  flopsPerSecond: {
    f32: 82.6e12,
    tf32: 82.6e12,
    bf16: 165.2e12,
    f16: 165.2e12,
    f8: 330.3e12,
    i8: 660.6e12,
    i4: 1321.2e12,
  },
  units: 128,
  lastLevelCacheBytes: 72 * 2 ** 20,
  capability: 8.9,
  powerWatts: 450,
  interconnect: { name: "pcie4", bytesPerSecond: 32e9 },
  sources: ["https://images.nvidia.com/aem-dam/Solutions/geforce/ada/nvidia-ada-gpu-architecture.pdf"],
  remarks:
    "f16 and bf16 are the rates with fp32 accumulation, which is what PyTorch asks for: GeForce cards run it at half of the rate with f16 accumulation (330.3 TFLOPS). A desktop on the card takes some of the visible memory.",
};
export default rtx4090;
