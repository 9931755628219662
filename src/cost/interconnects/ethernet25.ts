import type { Interconnect } from "./interconnect.ts";

/** 25 Gb/s Ethernet over sockets, one port a device. */
const ethernet25: Interconnect = {
  id: "ethernet-25",
  name: "Ethernet 25 Gb/s",
  reach: "network",
  bytesPerSecond: 3.125e9,
  latencySeconds: 30e-6,
  efficiency: 0.8,
  sources: ["https://www.ieee802.org/3/"],
  remarks: "TCP sockets; one port for each device.",
};
export default ethernet25;
