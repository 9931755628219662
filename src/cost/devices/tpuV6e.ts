import type { Device } from "./device.ts";

/** Google Cloud TPU v6e (Trillium), one chip, 32 GB. */
const tpuV6e: Device = {
  id: "google-tpu-v6e-32gb",
  name: "TPU v6e",
  kind: "tpu",
  memoryBytes: 32e9,
  memoryBytesPerSecond: 1.6e12,
  flopsPerSecond: { bf16: 918e12, i8: 1836e12 },
  units: 1,
  interconnect: { name: "ici-v6e", bytesPerSecond: 400e9 },
  sources: ["https://cloud.google.com/tpu/docs/v6e"],
  remarks:
    "fp32 products run as bf16 on the matrix unit unless a higher precision is asked for. Google prints no power.",
};
export default tpuV6e;
