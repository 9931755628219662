/** Element-wise functions: one operation each. */
import { numberOf } from "../../python/numbers.ts";
import { PyTuple, type Value } from "../../python/values.ts";
import { isFloating } from "../../tensor/dtype.ts";
import { knownData } from "../arguments.ts";
import { tensorOf } from "../constants.ts";
import { defineFunctions, direct, fromPython, planned, run } from "../table.ts";
import { TensorObject } from "../tensorObject.ts";

direct(`
  tmi abs,absolute(input) -> abs(input)
  tm angle(input)
  tmi acos,arccos(input) -> acos(input)
  tmi acosh,arccosh(input) -> acosh(input)
  tmi asin,arcsin(input) -> asin(input)
  tmi asinh,arcsinh(input) -> asinh(input)
  tmi atan,arctan(input) -> atan(input)
  tmi atanh,arctanh(input) -> atanh(input)
  tmi atan2,arctan2(input, other) -> atan2(input, other)
  tmi bitwise_not(input)
  tmi ceil(input)
  tmi cos(input)
  tmi cosh(input)
  tmi deg2rad(input)
  tmi rad2deg(input)
  tmi digamma(input)
  s digamma,psi(input) -> digamma(input)
  tmi erf(input)
  tmi erfc(input)
  tmi erfinv(input)
  tmi exp(input)
  tmi exp2(input)
  tmi expm1(input)
  s erf(input)
  s erfc(input)
  s erfcx(input) -> erfc(input)
  s erfinv(input)
  s exp2(input)
  s expm1(input)
  s expit(input) -> sigmoid(input)
  s entr(input) -> xlogy(input, input)
  s gammaln(input) -> lgamma(input)
  s i0(input)
  s i0e,i1,i1e(input) -> i0(input)
  s log1p(input)
  s log_ndtr,ndtr(input) -> erf(input)
  s ndtri(input) -> erfinv(input)
  s logit(input, eps=None)
  s sinc(input)
  s round(input, *, decimals=0)
  s xlogy(input, other)
  s xlog1py,zeta(input, other) -> xlogy(input, other)
  s gammainc,gammaincc(input, other) -> xlogy(input, other)
  s polygamma(n, input) -> digamma(input)
  s multigammaln(input, p) -> lgamma(input)
  tmi floor(input)
  tmi frac(input)
  tmi i0(input)
  tmi lgamma(input)
  tmi log(input)
  tmi log10(input)
  tmi log1p(input)
  tmi log2(input)
  tmi logical_not(input)
  tmi logit(input, eps=None)
  tmi mvlgamma(input, p) -> lgamma(input)
  tmi nan_to_num(input, nan=None, posinf=None, neginf=None)
  tmi neg,negative(input) -> neg(input)
  tmi reciprocal(input)
  tmi relu(input)
  tmi round(input, *, decimals=0)
  tmi rsqrt(input)
  tmi sgn(input)
  tmi sigmoid(input)
  tmi sign(input)
  tm signbit(input)
  tmi sin(input)
  tmi sinc(input)
  tmi sinh(input)
  tmi sqrt(input)
  tmi square(input)
  tmi tan(input)
  tmi tanh(input)
  tmi trunc,fix(input) -> trunc(input)
  tm isfinite(input)
  tm isinf(input)
  tm isnan(input)
  tm isneginf(input)
  tm isposinf(input)
  tm isreal(input) -> isfinite(input)
  tm conj_physical(input)
  t polygamma(n, input) -> digamma(input)
  tmi add(input, other, *, alpha=1)
  tmi sub,subtract(input, other, *, alpha=1) -> sub(input, other, alpha)
  t rsub(input, other, *, alpha=1)
  tmi mul,multiply(input, other) -> mul(input, other)
  mi div,divide(input, other, *, rounding_mode=None) -> div(input, other, rounding_mode)
  tmi true_divide(input, other) -> div(input, other, None)
  tmi floor_divide(input, other)
  tmi remainder(input, other)
  tmi fmod(input, other)
  tmi pow(input, exponent)
  tm maximum(input, other)
  tm minimum(input, other)
  tm fmax(input, other)
  tm fmin(input, other)
  tmi copysign(input, other)
  tmi gcd(input, other)
  tmi lcm(input, other)
  tmi heaviside(input, values)
  tmi hypot(input, other)
  tmi igamma,igammac(input, other) -> xlogy(input, other)
  tm logaddexp(input, other)
  tm logaddexp2(input, other)
  tmi nextafter(input, other)
  tmi xlogy(input, other)
  tmi eq(input, other)
  tmi ne,not_equal(input, other) -> ne(input, other)
  tmi lt,less(input, other) -> lt(input, other)
  tmi le,less_equal(input, other) -> le(input, other)
  tmi gt,greater(input, other) -> gt(input, other)
  tmi ge,greater_equal(input, other) -> ge(input, other)
  tm isclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False)
  tmi logical_and(input, other)
  tmi logical_or(input, other)
  tmi logical_xor(input, other)
  tmi bitwise_and(input, other)
  tmi bitwise_or(input, other)
  tmi bitwise_xor(input, other)
  tmi bitwise_left_shift(input, other)
  tmi bitwise_right_shift(input, other)
  tmi lerp(input, end, weight)
  tmi addcmul(input, tensor1, tensor2, *, value=1)
  tmi addcdiv(input, tensor1, tensor2, *, value=1)
  tmi clamp_max(input, max)
  tmi clamp_min(input, min)
  tmi masked_fill(input, mask, value)
  t complex(real, imag)
  t polar(abs, angle)
  tm hardshrink(input, lambd=0.5)
`);

/** Calls of an operation whose arguments depend on what they are. */
defineFunctions(
  {
    "tmi clamp,clip(input, min=None, max=None)": (_py, input: Value, min: Value, max: Value) => {
      if (max === null && min !== null) return planned("clamp_min", input, min);
      if (min === null && max !== null) return planned("clamp_max", input, max);
      return planned("clamp", input, min, max);
    },
    "t div,divide(input, other, *, rounding_mode=None)": (py, input: Value, other: Value, mode: Value) =>
      planned("div", areNumbers(input, other) ? tensorOf(py, input, null) : input, other, mode),
    "tm positive,resolve_conj,resolve_neg(input)": (_py, input: Value) => input,
    "tm conj(input)": (_py, input: Value) => (isComplexTensor(input) ? planned("conj", input) : input),
    "tm adjoint(input)": (py, input: Value) => {
      const swapped = run(py, "transpose", input, -2, -1);
      return isComplexTensor(input) ? planned("conj", swapped) : swapped;
    },
    "t real(input)": (_py, input: Value) => (isComplexTensor(input) ? planned("real", input) : input),
    "t imag(input)": (_py, input: Value) => planned("imag", input),
    "t where(condition, input=None, other=None)": where,
    "m where(input, condition, other)": (py, input: Value, condition: Value, other: Value) =>
      where(py, condition, input, other),
    "tm is_floating_point(input)": (_py, input: Value) =>
      input instanceof TensorObject && isFloating(input.value.dtype),
    "tm is_complex(input)": (_py, input: Value) => isComplexTensor(input),
    "tm is_signed(input)": (_py, input: Value) =>
      !(input instanceof TensorObject) || !["bool", "uint8"].includes(input.value.dtype),
    "tm is_conj,is_neg,is_inference(input)": () => false,
    "tm is_nonzero(input)": (py, input: Value) => {
      const [only] = knownData(input) ?? [];
      return only === undefined ? py.unknown("a tensor's value decides") : only !== 0;
    },
  },
  { lenient: true },
);

fromPython(
  "torch._composites",
  "tm float_power ldexp frexp\nt fake_quantize_per_tensor_affine fake_quantize_per_channel_affine",
);

function where(py: Parameters<typeof run>[0], condition: Value, input: Value, other: Value) {
  if (input !== null) return planned("where", condition, input, other);
  const found = run(py, "nonzero", condition);
  return found instanceof TensorObject ? new PyTuple(axesOf(found).map((i) => run(py, "select", found, 1, i))) : found;
}

function axesOf({ value }: TensorObject): number[] {
  const count = value.shape[1];
  return typeof count === "number" ? [...Array(count).keys()] : [];
}

function isComplexTensor(value: Value): boolean {
  return value instanceof TensorObject && value.value.dtype.startsWith("complex");
}

/** Whether neither is a tensor: PyTorch makes one of the first then. */
function areNumbers(...values: Value[]): boolean {
  return values.every((value) => numberOf(value) !== undefined);
}
