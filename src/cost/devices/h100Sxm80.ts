import type { Device } from "./device.ts";

/** NVIDIA H100 SXM5, 80 GB. The data sheet prints 2:4-sparse rates for matrix units; these are the dense halves. */
const h100Sxm80: Device = {
  id: "nvidia-h100-sxm-80gb",
  name: "H100 SXM",
  kind: "gpu",
  memoryBytes: 80e9,
  visibleBytes: 81082 * 2 ** 20,
  memoryBytesPerSecond: 3.35e12,
  flopsPerSecond: { f64: 67e12, f32: 67e12, tf32: 494.5e12, bf16: 989.5e12, f16: 989.5e12, f8: 1979e12, i8: 1979e12 },
  units: 132,
  lastLevelCacheBytes: 50 * 2 ** 20,
  capability: 9,
  powerWatts: 700,
  interconnect: { name: "nvlink4", bytesPerSecond: 450e9 },
  sources: ["https://www.nvidia.com/en-us/data-center/h100/"],
  remarks: "Visible memory as PyTorch reports it on driver 535; newer drivers show 8 MiB more.",
};
export default h100Sxm80;
