import type { Interconnect } from "./interconnect.ts";

/** InfiniBand HDR, one 4x port a device. */
const infinibandHdr: Interconnect = {
  id: "infiniband-hdr",
  name: "InfiniBand HDR",
  reach: "network",
  bytesPerSecond: 25e9,
  latencySeconds: 5e-6,
  efficiency: 0.9,
  sources: ["https://www.infinibandta.org/infiniband-roadmap/"],
  remarks: "200 Gb/s a port of four lanes; one port for each device.",
};
export default infinibandHdr;
