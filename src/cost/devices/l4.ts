import type { Device } from "./device.ts";

/** NVIDIA L4, 24 GB. The data sheet prints 2:4-sparse rates for matrix units; these are the dense halves. */
const l4: Device = {
  id: "nvidia-l4-24gb",
  name: "L4",
  kind: "gpu",
  memoryBytes: 24e9,
  visibleBytes: 22563 * 2 ** 20,
  memoryBytesPerSecond: 300e9,
  flopsPerSecond: { f32: 30.3e12, tf32: 60e12, bf16: 121e12, f16: 121e12, f8: 242.5e12, i8: 242.5e12 },
  units: 58,
  lastLevelCacheBytes: 48 * 2 ** 20,
  capability: 8.9,
  powerWatts: 72,
  interconnect: { name: "pcie4", bytesPerSecond: 32e9 },
  sources: ["https://www.nvidia.com/en-us/data-center/l4/"],
  remarks:
    "Error correction takes a sixteenth of the memory. At 72 W it seldom holds its boost clock through long matrix products.",
};
export default l4;
