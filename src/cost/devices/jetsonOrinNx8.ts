import type { Device } from "./device.ts";

/** NVIDIA Jetson Orin NX 8 GB, 8 GB, at its highest power mode. */
const jetsonOrinNx8: Device = {
  id: "nvidia-jetson-orin-nx-8gb",
  name: "Jetson Orin NX 8 GB",
  kind: "board",
  memoryBytes: 8e9,
  memoryBytesPerSecond: 102.4e9,
  flopsPerSecond: { f32: 1.57e12, tf32: 6.25e12, bf16: 12.5e12, f16: 12.5e12, i8: 25e12 },
  units: 8,
  lastLevelCacheBytes: 2 * 2 ** 20,
  capability: 8.7,
  powerWatts: 20,
  sources: ["https://www.nvidia.com/en-us/autonomous-machines/embedded-systems/jetson-orin/"],
  remarks:
    "The GPU alone, without the DLA engines that the sheet's total counts. f16 and bf16 are half of the int8 rate, TF32 a quarter. CPU and GPU share the memory.",
};
export default jetsonOrinNx8;
