/** Images cut, padded, widened and pooled. */
class Cropping2D extends Layer {
  constructor(args) {
    super(args);
    const c = args.cropping;
    this.cropping =
      typeof c === "number"
        ? [
            [c, c],
            [c, c],
          ]
        : typeof c[0] === "number"
          ? [
              [c[0], c[0]],
              [c[1], c[1]],
            ]
          : c;
    this.dataFormat = args.dataFormat ?? "channelsLast";
    this.inputSpec = [{ ndim: 4 }];
  }
  get first() {
    return this.dataFormat === "channelsFirst" ? 2 : 1;
  }
  computeOutputShape(inputShape) {
    const shape = inputShape.slice();
    this.cropping.forEach((sides, i) => {
      const own = shape[this.first + i];
      shape[this.first + i] = own - sides[0] - sides[1];
    });
    return shape;
  }
  call(inputs) {
    const x = oneTensor(inputs);
    const begin = x.shape.map((_, i) => (this.cropping[i - this.first] ?? [0])[0]);
    return ops.slice(x, begin, this.computeOutputShape(x.shape));
  }
}
Cropping2D.className = "Cropping2D";

class ZeroPadding2D extends Layer {
  constructor(args) {
    super(args ?? {});
    const p = (args ?? {}).padding ?? 1;
    this.dataFormat = (args ?? {}).dataFormat ?? "channelsLast";
    this.padding =
      typeof p === "number"
        ? [
            [p, p],
            [p, p],
          ]
        : typeof p[0] === "number"
          ? [
              [p[0], p[0]],
              [p[1], p[1]],
            ]
          : p;
    this.inputSpec = [{ ndim: 4 }];
  }
  get sides() {
    const none = [[0, 0]];
    return this.dataFormat === "channelsFirst"
      ? [[0, 0], ...none, ...this.padding]
      : [[0, 0], ...this.padding, ...none];
  }
  computeOutputShape(inputShape) {
    return oneShape(inputShape).map((size, i) => {
      const [before, after] = this.sides[i];
      return isNull(size) ? size : size + before + after;
    });
  }
  call(inputs) {
    return ops.pad(oneTensor(inputs), this.sides);
  }
}
ZeroPadding2D.className = "ZeroPadding2D";

class UpSampling2D extends Layer {
  constructor(args) {
    super(args ?? {});
    const given = args ?? {};
    this.size = isNull(given.size) ? [2, 2] : normalized(given.size, 2, "size");
    this.dataFormat = given.dataFormat ?? "channelsLast";
    this.interpolation = given.interpolation ?? "nearest";
    this.inputSpec = [{ ndim: 4 }];
  }
  computeOutputShape(inputShape) {
    const first = this.dataFormat === "channelsFirst" ? 2 : 1;
    return inputShape.map((size, i) => {
      const by = this.size[i - first];
      return isNull(by) || isNull(size) ? size : by * size;
    });
  }
  call(inputs) {
    const x = lastChannels(oneTensor(inputs), this.dataFormat);
    const size = [x.shape[1] * this.size[0], x.shape[2] * this.size[1]];
    const resize = this.interpolation === "nearest" ? ops.resizeNearestNeighbor : ops.resizeBilinear;
    return firstChannels(resize(x, size), this.dataFormat);
  }
}
UpSampling2D.className = "UpSampling2D";

class Pooling extends Layer {
  constructor(rank, kind, args) {
    super(args);
    this.rank = rank;
    this.kind = kind;
    this.poolSize = normalized(args.poolSize ?? 2, rank, "poolSize");
    this.strides = isNull(args.strides) ? this.poolSize : normalized(args.strides, rank, "strides");
    this.padding = args.padding ?? "valid";
    this.dataFormat = args.dataFormat ?? "channelsLast";
    this.inputSpec = [{ ndim: rank + 2 }];
  }
  computeOutputShape(inputShape) {
    const shape = oneShape(inputShape);
    const first = this.dataFormat === "channelsFirst" ? 2 : 1;
    return shape.map((size, i) => {
      const at = i - first;
      if (at < 0 || at >= this.rank) return size;
      return convLength(size, this.poolSize[at], this.padding, this.strides[at]);
    });
  }
  call(inputs) {
    const x = lastChannels(oneTensor(inputs), this.dataFormat);
    const name = `${this.kind}Pool${["1d", "", "3d"][this.rank - 1]}`;
    return firstChannels(ops[name](x, this.poolSize, this.strides, this.padding), this.dataFormat);
  }
}

function poolingClass(rank, kind, name) {
  const cls = class extends Pooling {
    constructor(args) {
      super(rank, kind, args ?? {});
    }
  };
  cls.className = name;
  return cls;
}
const MaxPooling1D = poolingClass(1, "max", "MaxPooling1D");
const MaxPooling2D = poolingClass(2, "max", "MaxPooling2D");
const MaxPooling3D = poolingClass(3, "max", "MaxPooling3D");
const AveragePooling1D = poolingClass(1, "avg", "AveragePooling1D");
const AveragePooling2D = poolingClass(2, "avg", "AveragePooling2D");
const AveragePooling3D = poolingClass(3, "avg", "AveragePooling3D");

class GlobalPooling extends Layer {
  constructor(rank, kind, args) {
    super(args ?? {});
    this.rank = rank;
    this.kind = kind;
    this.dataFormat = (args ?? {}).dataFormat ?? "channelsLast";
    this.inputSpec = [{ ndim: rank + 2 }];
  }
  computeOutputShape(inputShape) {
    const shape = oneShape(inputShape);
    if (this.rank === 1) return [shape[0], shape[2]];
    return this.dataFormat === "channelsFirst" ? [shape[0], shape[1]] : [shape[0], shape[3]];
  }
  call(inputs) {
    const x = oneTensor(inputs);
    const axes = this.rank === 1 ? 1 : this.dataFormat === "channelsFirst" ? [2, 3] : [1, 2];
    return this.kind === "max" ? ops.max(x, axes) : ops.mean(x, axes);
  }
}

function globalClass(rank, kind, name) {
  const cls = class extends GlobalPooling {
    constructor(args) {
      super(rank, kind, args);
    }
  };
  cls.className = name;
  return cls;
}
const GlobalAveragePooling1D = globalClass(1, "avg", "GlobalAveragePooling1D");
const GlobalAveragePooling2D = globalClass(2, "avg", "GlobalAveragePooling2D");
const GlobalMaxPooling1D = globalClass(1, "max", "GlobalMaxPooling1D");
const GlobalMaxPooling2D = globalClass(2, "max", "GlobalMaxPooling2D");
