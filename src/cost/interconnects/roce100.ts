import type { Interconnect } from "./interconnect.ts";

/** RDMA over 100 Gb/s Ethernet, one port a device. */
const roce100: Interconnect = {
  id: "roce-100",
  name: "RoCE 100 Gb/s",
  reach: "network",
  bytesPerSecond: 12.5e9,
  latencySeconds: 6e-6,
  efficiency: 0.85,
  sources: ["https://www.ieee802.org/3/"],
  remarks: "One port for each device.",
};
export default roce100;
