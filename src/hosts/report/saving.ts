/** A picture of the page on its own, as SVG and as PNG: what the style sheet says of it is written into it. */

const kept = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-opacity",
  "stroke-dasharray",
  "stroke-linejoin",
  "paint-order",
  "opacity",
  "font-family",
  "font-size",
  "font-variant-numeric",
] as const;
const scale = 2;

export interface Saved {
  readonly svg: string;
  /** Base64; "" where the picture could not be painted. */
  readonly png: string;
}

/** Pictures below each other, on the page's ground. */
export async function saved(pictures: readonly SVGSVGElement[]): Promise<Saved> {
  const gap = 12;
  const width = Math.max(...pictures.map((one) => one.clientWidth)) + 2 * gap;
  const height = pictures.reduce((sum, one) => sum + one.clientHeight + gap, gap);
  const ground = getComputedStyle(document.body).getPropertyValue("--ground");
  let y = gap;
  const inner = pictures.map((picture) => {
    const copy = styled(picture);
    copy.setAttribute("x", String(gap));
    copy.setAttribute("y", String(y));
    y += picture.clientHeight + gap;
    return new XMLSerializer().serializeToString(copy);
  });
  const patterns = document.querySelector<SVGSVGElement>(".patterns");
  const hatching = patterns ? new XMLSerializer().serializeToString(styled(patterns)) : "";
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${ground.trim()}"/>${hatching}${inner.join("")}</svg>`;
  return { svg, png: await painted(svg, width, height).catch(() => "") };
}

function styled(picture: SVGSVGElement): SVGSVGElement {
  const copy = picture.cloneNode(true) as SVGSVGElement;
  const [from, to] = [
    [picture, ...picture.querySelectorAll("*")],
    [copy, ...copy.querySelectorAll("*")],
  ];
  from.forEach((element, i) => {
    const style = getComputedStyle(element);
    for (const name of kept) to[i]?.setAttribute(name, style.getPropertyValue(name));
  });
  return copy;
}

async function painted(svg: string, width: number, height: number): Promise<string> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png").split(",")[1] ?? "";
}
