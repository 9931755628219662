import type { Device } from "./device.ts";

/** NVIDIA H100 PCIe, 80 GB. The data sheet prints 2:4-sparse rates for matrix units; these are the dense halves. */
const h100Pcie80: Device = {
  id: "nvidia-h100-pcie-80gb",
  name: "H100 PCIe",
  kind: "gpu",
  memoryBytes: 80e9,
  memoryBytesPerSecond: 2e12,
  flopsPerSecond: { f64: 51e12, f32: 51e12, tf32: 378e12, bf16: 756.5e12, f16: 756.5e12, f8: 1513e12, i8: 1513e12 },
  units: 114,
  lastLevelCacheBytes: 50 * 2 ** 20,
  capability: 9,
  powerWatts: 350,
  interconnect: { name: "nvlink4-bridge", bytesPerSecond: 300e9 },
  sources: [
    "https://www.nvidia.com/en-us/data-center/h100/",
    "https://www.nvidia.com/content/dam/en-zz/Solutions/gtcs22/data-center/h100/PB-11133-001_v01.pdf",
  ],
};
export default h100Pcie80;
