import type { Interconnect } from "./interconnect.ts";

/** RDMA over 200 Gb/s Ethernet, one port a device. */
const roce200: Interconnect = {
  id: "roce-200",
  name: "RoCE 200 Gb/s",
  reach: "network",
  bytesPerSecond: 25e9,
  latencySeconds: 6e-6,
  efficiency: 0.85,
  sources: ["https://www.ieee802.org/3/"],
  remarks: "One port for each device.",
};
export default roce200;
