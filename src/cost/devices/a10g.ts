import type { Device } from "./device.ts";

/** NVIDIA A10G, 24 GB: the A10 that AWS rents, with half the matrix rate and more clock. */
const a10g: Device = {
  id: "nvidia-a10g-24gb",
  name: "A10G",
  kind: "gpu",
  memoryBytes: 24e9,
  visibleBytes: 22589 * 2 ** 20,
  memoryBytesPerSecond: 600e9,
  flopsPerSecond: { f32: 31.52e12, tf32: 35e12, bf16: 70e12, f16: 70e12, i8: 140e12, i4: 280e12 },
  units: 80,
  lastLevelCacheBytes: 6 * 2 ** 20,
  capability: 8.6,
  powerWatts: 300,
  interconnect: { name: "pcie4", bytesPerSecond: 32e9 },
  sources: ["https://d1.awsstatic.com/product-marketing/ec2/NVIDIA_AWS_A10G_DataSheet_FINAL_02_17_2022.pdf"],
  remarks: "Error correction takes a sixteenth of the memory.",
};
export default a10g;
