import type { Interconnect } from "./interconnect.ts";

/** InfiniBand NDR, one 4x port a device. */
const infinibandNdr: Interconnect = {
  id: "infiniband-ndr",
  name: "InfiniBand NDR",
  reach: "network",
  bytesPerSecond: 50e9,
  latencySeconds: 5e-6,
  efficiency: 0.9,
  sources: ["https://www.infinibandta.org/infiniband-roadmap/"],
  remarks: "400 Gb/s a port of four lanes; one port for each device.",
};
export default infinibandNdr;
