import type { Device } from "./device.ts";

/** ST STM32F746 (Cortex-M7, 216 MHz): 320 KB of SRAM, 1 MB of flash. */
const stm32f746: Device = {
  id: "st-stm32f746-320kb",
  name: "STM32F746",
  kind: "microcontroller",
  memoryBytes: 320 * 1024,
  memoryBytesPerSecond: 1.728e9,
  flopsPerSecond: { f32: 432e6, i8: 864e6 },
  units: 1,
  flashBytes: 2 ** 20,
  sources: [
    "https://www.st.com/en/microcontrollers-microprocessors/stm32f7x6.html",
    "https://arxiv.org/abs/2310.16898",
  ],
  remarks:
    "Rates are those of one core at 216 MHz: two int8 multiply-adds a clock through the 16-bit SIMD instructions, one fp32 multiply-add a clock. No operating system: the memory holds stack and buffers too.",
};
export default stm32f746;
