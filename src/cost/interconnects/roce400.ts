import type { Interconnect } from "./interconnect.ts";

/** RDMA over 400 Gb/s Ethernet, one port a device. */
const roce400: Interconnect = {
  id: "roce-400",
  name: "RoCE 400 Gb/s",
  reach: "network",
  bytesPerSecond: 50e9,
  latencySeconds: 6e-6,
  efficiency: 0.85,
  sources: ["https://www.ieee802.org/3/"],
  remarks: "One port for each device.",
};
export default roce400;
