/** The contract of an interconnect record: what one device sends to its like, with its source. */
export interface Interconnect {
  /** In kebab-case, such as `nvlink4`; the file is named for it in lowerCamelCase. */
  readonly id: string;
  /** As people call it: `NVLink 4`. */
  readonly name: string;
  /** Whether it joins the devices of one machine, or machines. */
  readonly reach: "machine" | "network";
  /** Peak of one device in one direction, all of its links together. */
  readonly bytesPerSecond: number;
  /** From the start of one step of a collective to the first byte: launch, protocol and flight. An estimate, not a data sheet's. */
  readonly latencySeconds: number;
  /** The part of the peak that large collectives reach. An estimate, not a data sheet's. */
  readonly efficiency: number;
  /** Links to the vendor's or the standard's figures. */
  readonly sources: readonly string[];
  /** How the printed figure became this one. */
  readonly remarks: string;
}
