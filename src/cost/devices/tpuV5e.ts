import type { Device } from "./device.ts";

/** Google Cloud TPU v5e, one chip, 16 GB. */
const tpuV5e: Device = {
  id: "google-tpu-v5e-16gb",
  name: "TPU v5e",
  kind: "tpu",
  memoryBytes: 16e9,
  memoryBytesPerSecond: 819e9,
  flopsPerSecond: { bf16: 197e12, i8: 393e12 },
  units: 1,
  interconnect: { name: "ici-v5e", bytesPerSecond: 200e9 },
  sources: ["https://cloud.google.com/tpu/docs/v5e"],
  remarks:
    "fp32 products run as bf16 on the matrix unit unless a higher precision is asked for. Google prints no power.",
};
export default tpuV5e;
