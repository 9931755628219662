import type { Interconnect } from "./interconnect.ts";

/** InfiniBand XDR, one 4x port a device. */
const infinibandXdr: Interconnect = {
  id: "infiniband-xdr",
  name: "InfiniBand XDR",
  reach: "network",
  bytesPerSecond: 100e9,
  latencySeconds: 5e-6,
  efficiency: 0.9,
  sources: ["https://www.infinibandta.org/infiniband-roadmap/"],
  remarks: "800 Gb/s a port of four lanes; one port for each device.",
};
export default infinibandXdr;
