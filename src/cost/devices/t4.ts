import type { Device } from "./device.ts";

/** NVIDIA T4, 16 GB. It has no bf16 or TF32 matrix units: PyTorch computes bf16 there through fp32. */
const t4: Device = {
  id: "nvidia-t4-16gb",
  name: "T4",
  kind: "gpu",
  memoryBytes: 16e9,
  visibleBytes: 15835660288,
  memoryBytesPerSecond: 320e9,
  flopsPerSecond: { f32: 8.1e12, f16: 65e12, i8: 130e12, i4: 260e12 },
  units: 40,
  lastLevelCacheBytes: 4 * 2 ** 20,
  capability: 7.5,
  contextBytes: 141426688,
  powerWatts: 70,
  interconnect: { name: "pcie3", bytesPerSecond: 16e9 },
  sources: ["https://www.nvidia.com/en-us/data-center/tesla-t4/"],
  remarks:
    "Error correction takes a sixteenth of the memory's addresses; the context is that of published measurements.",
};
export default t4;
