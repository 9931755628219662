import type { Device } from "./device.ts";

/** NVIDIA L40S, 48 GB. */
const l40s: Device = {
  id: "nvidia-l40s-48gb",
  name: "L40S",
  kind: "gpu",
  memoryBytes: 48e9,
  visibleBytes: 45465 * 2 ** 20,
  memoryBytesPerSecond: 864e9,
  flopsPerSecond: { f32: 91.6e12, tf32: 183e12, bf16: 362.05e12, f16: 362.05e12, f8: 733e12, i8: 733e12, i4: 733e12 },
  units: 142,
  lastLevelCacheBytes: 96 * 2 ** 20,
  capability: 8.9,
  powerWatts: 350,
  interconnect: { name: "pcie4", bytesPerSecond: 32e9 },
  sources: ["https://www.nvidia.com/en-us/data-center/l40s/"],
  remarks: "Error correction takes a sixteenth of the memory.",
};
export default l40s;
