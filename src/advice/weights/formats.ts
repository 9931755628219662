/** Bytes of a matrix as the libraries store it: codes, scales, zero points and what else lies beside them. */

export interface Matrix {
  readonly outputs: number;
  readonly inputs: number;
}

export interface Format {
  /** As people call it. */
  readonly name: string;
  readonly bytes: (matrix: Matrix, group: number) => number;
  /** Elements that share a scale where the user names none; 0: a whole row. */
  readonly group: number;
  /** Above one row its kernel first writes the matrix out in 16 bits. */
  readonly writesOut: boolean;
  readonly demands: string;
}

const elements = ({ outputs, inputs }: Matrix) => outputs * inputs;
const groups = ({ outputs, inputs }: Matrix, group: number) => outputs * Math.ceil(inputs / group);

/** A scale in 16 bits and a zero point of the codes' bits for each group, and where `order` an int32 for each input. */
function grouped(bits: number, order: boolean): Format["bytes"] {
  return (matrix, group) =>
    (elements(matrix) * bits) / 8 + groups(matrix, group) * (2 + bits / 8) + (order ? 4 * matrix.inputs : 0);
}

/** NF4: two codes a byte and a float32 scale for each block of the flat matrix. */
const nf4: Format["bytes"] = (matrix, block) =>
  Math.ceil(elements(matrix) / 2) + 4 * Math.ceil(elements(matrix) / block);

/** Scales in 8 bits, with a float32 for each 256 of them and one offset (QLoRA, section 3). */
const nf4Double: Format["bytes"] = (matrix, block) => {
  const blocks = Math.ceil(elements(matrix) / block);
  return Math.ceil(elements(matrix) / 2) + blocks + 4 * Math.ceil(blocks / 256) + 4;
};

export const fourBitFormats: Readonly<Record<string, Format>> = {
  nf4: { name: "bitsandbytes NF4", bytes: nf4, group: 64, writesOut: true, demands: "no calibration" },
  "nf4-double": {
    name: "bitsandbytes NF4 with double quantization",
    bytes: nf4Double,
    group: 64,
    writesOut: true,
    demands: "no calibration",
  },
  gptq: { name: "GPTQ", bytes: grouped(4, true), group: 128, writesOut: false, demands: "calibration" },
  awq: { name: "AWQ", bytes: grouped(4, false), group: 128, writesOut: false, demands: "calibration" },
  torchao: {
    name: "torchao int4",
    // Scale and zero point in bfloat16.
    bytes: (matrix, group) => elements(matrix) / 2 + 4 * groups(matrix, group),
    group: 128,
    writesOut: false,
    demands: "no calibration",
  },
};

export const eightBitFormats: Readonly<Record<string, Format>> = {
  torchao: {
    name: "torchao int8",
    // One bfloat16 scale an output.
    bytes: (matrix) => elements(matrix) + 2 * matrix.outputs,
    group: 0,
    writesOut: false,
    demands: "no calibration",
  },
  gptq: { name: "GPTQ", bytes: grouped(8, true), group: 128, writesOut: false, demands: "calibration" },
};
