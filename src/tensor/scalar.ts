/** A Python float. Plain JavaScript numbers are Python ints everywhere, so that `1` and `1.0` stay apart. */
export class Float {
  constructor(readonly value: number) {}
}

/** A Python complex number. */
export class Complex {
  constructor(
    readonly re: number,
    readonly im: number,
  ) {}
}
