import type { Interconnect } from "./interconnect.ts";

/** AMD Infinity Fabric (xGMI) between eight MI300X or MI325X. */
const infinityFabric3: Interconnect = {
  id: "infinity-fabric-3",
  name: "Infinity Fabric (MI300X)",
  reach: "machine",
  bytesPerSecond: 448e9,
  latencySeconds: 5e-6,
  efficiency: 0.7,
  sources: ["https://www.amd.com/en/products/accelerators/instinct/mi300/mi300x.html"],
  remarks: "Seven links of 128 GB/s for both directions, one to each of the other seven devices.",
};
export default infinityFabric3;
