import type { Device } from "./device.ts";

/** ST STM32F412 (Cortex-M4, 100 MHz): 256 KB of SRAM, 1 MB of flash. */
const stm32f412: Device = {
  id: "st-stm32f412-256kb",
  name: "STM32F412",
  kind: "microcontroller",
  memoryBytes: 256 * 1024,
  memoryBytesPerSecond: 400e6,
  flopsPerSecond: { f32: 200e6, i8: 400e6 },
  units: 1,
  flashBytes: 2 ** 20,
  sources: ["https://www.st.com/en/microcontrollers-microprocessors/stm32f412.html"],
  remarks:
    "Rates are those of one core at 100 MHz: two int8 multiply-adds a clock through the 16-bit SIMD instructions, one fp32 multiply-add a clock. No operating system: the memory holds stack and buffers too.",
};
export default stm32f412;
