import type { Device } from "./device.ts";

/** NVIDIA H200 SXM, 141 GB. The data sheet prints 2:4-sparse rates for matrix units; these are the dense halves. */
const h200Sxm141: Device = {
  id: "nvidia-h200-sxm-141gb",
  name: "H200 SXM",
  kind: "gpu",
  memoryBytes: 141e9,
  visibleBytes: 150109880320,
  memoryBytesPerSecond: 4.8e12,
  flopsPerSecond: {
    f64: 67e12,
    f32: 67e12,
    tf32: 494.5e12,
    bf16: 989.5e12,
    f16: 989.5e12,
    f8: 1979e12,
    i8: 1979e12,
  },
  units: 132,
  lastLevelCacheBytes: 60 * 2 ** 20,
  capability: 9,
  contextBytes: 911015936,
  powerWatts: 700,
  interconnect: { name: "nvlink4", bytesPerSecond: 450e9 },
  curves: "nvidia-h200-sxm-141gb",
  sources: ["https://www.nvidia.com/en-us/data-center/h200/"],
  remarks:
    "The card shows 150.1 GB (139.8 GiB) to PyTorch, more than the 141 GB of the data sheet. Context and visible memory were measured with torch 2.11 and CUDA 13.",
};
export default h200Sxm141;
