import type { Device } from "./device.ts";

/** One GPU of the NVIDIA GB200 superchip, 186 GB. The data sheet prints 2:4-sparse rates for matrix units; these are the dense halves. */
const gb200186: Device = {
  id: "nvidia-gb200-186gb",
  name: "GB200",
  kind: "gpu",
  memoryBytes: 186e9,
  memoryBytesPerSecond: 8e12,
  flopsPerSecond: {
    f64: 40e12,
    f32: 80e12,
    tf32: 1250e12,
    bf16: 2500e12,
    f16: 2500e12,
    f8: 5000e12,
    f4: 10000e12,
    i8: 5000e12,
  },
  units: 148,
  lastLevelCacheBytes: 126.5 * 2 ** 20,
  capability: 10,
  powerWatts: 1200,
  interconnect: { name: "nvlink5", bytesPerSecond: 900e9 },
  sources: ["https://resources.nvidia.com/en-us-blackwell-architecture/datasheet"],
  remarks: "Per GPU; the superchip holds two, beside a Grace CPU.",
};
export default gb200186;
