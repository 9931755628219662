/** PyTorch's element types by their own names. Sub-byte ones are for quantized weights only. */
export type DType = keyof typeof bits;

const bits = {
  float64: 64,
  float32: 32,
  float16: 16,
  bfloat16: 16,
  float8_e4m3fn: 8,
  float8_e5m2: 8,
  int64: 64,
  int32: 32,
  int16: 16,
  int8: 8,
  uint8: 8,
  bool: 8,
  complex64: 64,
  complex128: 128,
  int4: 4,
  float4_e2m1fn_x2: 4,
} as const;

export const dtypes = Object.keys(bits) as DType[];

export function isDType(text: string): text is DType {
  return text in bits;
}

/** Bytes of one element: 0.5 for the four-bit types. */
export function itemBytes(dtype: DType): number {
  return bits[dtype] / 8;
}

export function isFloating(dtype: DType): boolean {
  return dtype.startsWith("float") || dtype === "bfloat16";
}

export function isComplex(dtype: DType): boolean {
  return dtype.startsWith("complex");
}

/** 0 bool, 1 integer, 2 floating, 3 complex: the category that torch's promotion looks at first. */
export function category(dtype: DType): number {
  return dtype === "bool" ? 0 : isComplex(dtype) ? 3 : isFloating(dtype) ? 2 : 1;
}

const order: readonly DType[] = ["bool", "uint8", "int8", "int16", "int32", "int64"];

/** The type both convert to, as `torch.promote_types`. */
export function promoteTypes(a: DType, b: DType): DType {
  if (a === b) return a;
  if (category(a) !== category(b)) {
    const [low, high] = category(a) < category(b) ? [a, b] : [b, a];
    return high === "complex64" && low === "float64" ? "complex128" : high;
  }
  switch (category(a)) {
    case 1:
      if (a === "uint8" || b === "uint8") {
        const other = a === "uint8" ? b : a;
        return other === "int8" ? "int16" : other;
      }
      return order.indexOf(a) > order.indexOf(b) ? a : b;
    case 2:
      if (a === "float64" || b === "float64") return "float64";
      // Two different half formats meet in float32.
      return itemBytes(a) === itemBytes(b) || a === "float32" || b === "float32"
        ? "float32"
        : itemBytes(a) > itemBytes(b)
          ? a
          : b;
    default:
      return "complex128";
  }
}
