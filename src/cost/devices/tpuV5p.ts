import type { Device } from "./device.ts";

/** Google Cloud TPU v5p, one chip, 95 GB. */
const tpuV5p: Device = {
  id: "google-tpu-v5p-95gb",
  name: "TPU v5p",
  kind: "tpu",
  memoryBytes: 95e9,
  memoryBytesPerSecond: 2.765e12,
  flopsPerSecond: { bf16: 459e12, i8: 918e12 },
  units: 2,
  interconnect: { name: "ici-v5p", bytesPerSecond: 600e9 },
  sources: ["https://cloud.google.com/tpu/docs/v5p"],
  remarks:
    "fp32 products run as bf16 on the matrix unit unless a higher precision is asked for. Google prints no power.",
};
export default tpuV5p;
