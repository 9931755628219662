import type { Device } from "./device.ts";

/** NVIDIA V100 SXM2, 16 GB. Its matrix units take f16 only: bf16 and TF32 run through fp32. */
const v100Sxm16: Device = {
  id: "nvidia-v100-sxm-16gb",
  name: "V100 16 GB",
  kind: "gpu",
  memoryBytes: 16e9,
  visibleBytes: 16130 * 2 ** 20,
  memoryBytesPerSecond: 900e9,
  flopsPerSecond: { f64: 7.8e12, f32: 15.7e12, f16: 125e12 },
  units: 80,
  lastLevelCacheBytes: 6 * 2 ** 20,
  capability: 7,
  powerWatts: 300,
  interconnect: { name: "nvlink2", bytesPerSecond: 150e9 },
  sources: ["https://www.nvidia.com/en-us/data-center/v100/"],
};
export default v100Sxm16;
