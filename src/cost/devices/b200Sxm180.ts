import type { Device } from "./device.ts";

/** NVIDIA B200 SXM (HGX), 180 GB. The data sheet prints 2:4-sparse rates for matrix units; these are the dense halves. */
const b200Sxm180: Device = {
  id: "nvidia-b200-sxm-180gb",
  name: "B200 SXM",
  kind: "gpu",
  memoryBytes: 180e9,
  visibleBytes: 182630 * 2 ** 20,
  memoryBytesPerSecond: 7.7e12,
  flopsPerSecond: {
    f64: 37e12,
    f32: 75e12,
    tf32: 1100e12,
    bf16: 2250e12,
    f16: 2250e12,
    f8: 4500e12,
    f4: 9000e12,
    i8: 4500e12,
  },
  units: 148,
  lastLevelCacheBytes: 126.5 * 2 ** 20,
  capability: 10,
  powerWatts: 1000,
  interconnect: { name: "nvlink5", bytesPerSecond: 900e9 },
  sources: [
    "https://resources.nvidia.com/en-us-blackwell-architecture/datasheet",
    "https://github.com/pytorch/ao/pull/4002",
  ],
  remarks:
    "Visible memory, cache and bus width (7.67 TB/s) as the driver reports them; earlier sheets print 192 GB and 8 TB/s.",
};
export default b200Sxm180;
