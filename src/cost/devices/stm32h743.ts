import type { Device } from "./device.ts";

/** ST STM32H743 (Cortex-M7, 480 MHz): 1 MB of RAM in all its banks, 2 MB of flash. */
const stm32h743: Device = {
  id: "st-stm32h743-1mb",
  name: "STM32H743",
  kind: "microcontroller",
  memoryBytes: 1024 * 1024,
  memoryBytesPerSecond: 3.84e9,
  flopsPerSecond: { f32: 960e6, i8: 1.92e9 },
  units: 1,
  flashBytes: 2 * 2 ** 20,
  sources: ["https://www.st.com/en/microcontrollers-microprocessors/stm32h743-753.html"],
  remarks:
    "Rates are those of one core at 480 MHz: two int8 multiply-adds a clock through the 16-bit SIMD instructions, one fp32 multiply-add a clock. No operating system: the memory holds stack and buffers too.",
};
export default stm32h743;
