import type { Interconnect } from "./interconnect.ts";

/** 10 Gb/s Ethernet over sockets, one port a device. */
const ethernet10: Interconnect = {
  id: "ethernet-10",
  name: "Ethernet 10 Gb/s",
  reach: "network",
  bytesPerSecond: 1.25e9,
  latencySeconds: 30e-6,
  efficiency: 0.8,
  sources: ["https://www.ieee802.org/3/"],
  remarks: "TCP sockets; one port for each device.",
};
export default ethernet10;
