/** Random draws, copies and fills. */
import { raise } from "../../python/errors.ts";
import type { Value } from "../../python/values.ts";
import { applyInPlace } from "../apply.ts";
import { defineFunctions, direct, planned, run } from "../table.ts";
import { TensorObject } from "../tensorObject.ts";

direct(`
  i uniform(input, from=0, to=1, *, generator=None) -> uniform(input, from, to)
  i normal(input, mean=0, std=1, *, generator=None) -> normal_fill(input, mean, std)
  i exponential(input, lambd=1, *, generator=None) -> exponential(input, lambd)
  i cauchy(input, median=0, sigma=1, *, generator=None) -> cauchy(input, median, sigma)
  i log_normal(input, mean=1, std=2, *, generator=None) -> log_normal(input, mean, std)
  i geometric(input, p, *, generator=None) -> geometric(input, p)
  i random(input, from=0, to=None, *, generator=None) -> random(input, from, to)
  i zero(input) -> zero(input)
  ti fill(input, value)
  i copy(input, src, non_blocking=False) -> copy(input, src)
  tm multinomial(input, num_samples, replacement=False, *, generator=None) -> multinomial(input, num_samples, replacement)
  t poisson(input, generator=None) -> poisson(input)
  t binomial(count, prob, generator=None) -> bernoulli(prob)
`);

defineFunctions({
  "tmi bernoulli(input, p=None, *, generator=None)": (_py, input: Value) => planned("bernoulli", input),
  "t normal(mean=0, std=1, size=None, *, generator=None, dtype=None, device=None, requires_grad=False, layout=None)": (
    py,
    mean: Value,
    std: Value,
    size: Value,
    ...rest: Value[]
  ) => {
    if (mean instanceof TensorObject || std instanceof TensorObject) return planned("normal", mean, std);
    if (size === null) raise("TypeError", "normal() needs a size where mean and std are numbers");
    return run(py, "randn", size, rest[1] as Value, rest[2] as Value);
  },
  "m clone(input, *, memory_format=None)": (_py, input: Value, format: Value) => planned("clone", input, format),
  "t clone(input, *, memory_format=None)": (_py, input: Value, format: Value) => planned("clone", input, format),
  "m fill_diagonal_(input, fill_value, wrap=False)": (py, input: Value, value: Value) => {
    applyInPlace(py, "aten.fill", [run(py, "diagonal", input, 0, 0, 1), value]);
    if (input instanceof TensorObject) input.value = { ...input.value, data: undefined };
    return input;
  },
  "tm detach(input)": (_py, input: Value) => planned("detach", input),
  "m apply_,map_,map2_(input, *args)": (_py, input: Value) => input,
});
