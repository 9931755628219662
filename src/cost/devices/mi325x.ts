import type { Device } from "./device.ts";

/** AMD Instinct MI325X, 256 GB. The data sheet prints dense and sparse rates; these are dense. */
const mi325x: Device = {
  id: "amd-mi325x-256gb",
  name: "MI325X",
  kind: "gpu",
  memoryBytes: 256e9,
  memoryBytesPerSecond: 6e12,
  flopsPerSecond: {
    f64: 163.4e12,
    f32: 163.4e12,
    tf32: 653.7e12,
    bf16: 1307.4e12,
    f16: 1307.4e12,
    f8: 2614.9e12,
    i8: 2614.9e12,
  },
  units: 304,
  lastLevelCacheBytes: 256 * 2 ** 20,
  powerWatts: 1000,
  interconnect: { name: "infinity-fabric-3", bytesPerSecond: 448e9 },
  sources: ["https://www.amd.com/en/products/accelerators/instinct/mi300/mi325x.html"],
  remarks: "The interconnect is all seven links together.",
};
export default mi325x;
