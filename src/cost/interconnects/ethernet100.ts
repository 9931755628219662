import type { Interconnect } from "./interconnect.ts";

/** 100 Gb/s Ethernet over sockets, one port a device. */
const ethernet100: Interconnect = {
  id: "ethernet-100",
  name: "Ethernet 100 Gb/s",
  reach: "network",
  bytesPerSecond: 12.5e9,
  latencySeconds: 30e-6,
  efficiency: 0.7,
  sources: ["https://www.ieee802.org/3/"],
  remarks: "TCP sockets; one port for each device.",
};
export default ethernet100;
