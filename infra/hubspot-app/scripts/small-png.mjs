// Makes a screenshot small: the most frequent 256 colours, the rest by their nearest one, packed as hard as zlib can.
// Reads what Chromium writes (8 bits, RGB or RGBA, not interlaced) and refuses anything else.
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

function chunks(png) {
  const found = [];
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    found.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return found;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

function paeth(a, b, c) {
  const p = a + b - c;
  const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/** Undoes the filters of PNG, in place of a copy. */
function unfilter(raw, width, height, bytes) {
  const stride = width * bytes;
  const out = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x;
      const a = x >= bytes ? out[at - bytes] : 0;
      const b = y > 0 ? out[at - stride] : 0;
      const c = x >= bytes && y > 0 ? out[at - stride - bytes] : 0;
      const guess = [0, a, b, (a + b) >> 1, paeth(a, b, c)][filter];
      out[at] = (raw[y * (stride + 1) + 1 + x] + guess) & 255;
    }
  }
  return out;
}

/** Squared distance of two colours below which they count as one. */
const SAME = 40;

const distance = (a, b) =>
  ((a >> 16) - (b >> 16)) ** 2 + (((a >> 8) & 255) - ((b >> 8) & 255)) ** 2 + ((a & 255) - (b & 255)) ** 2;

/** The same picture with at most 256 colours. */
export function small(png) {
  const parts = chunks(png);
  const header = parts[0].data;
  const [width, height, depth, colour, interlaced] = [
    header.readUInt32BE(0),
    header.readUInt32BE(4),
    header[8],
    header[9],
    header[12],
  ];
  const bytes = { 2: 3, 6: 4 }[colour];
  if (depth !== 8 || bytes === undefined || interlaced !== 0) throw new Error('not a PNG as Chromium writes it');
  const packed = Buffer.concat(parts.filter(({ type }) => type === 'IDAT').map(({ data }) => data));
  const pixels = unfilter(inflateSync(packed), width, height, bytes);
  const counts = new Map();
  const at = (index) => (pixels[index * bytes] << 16) | (pixels[index * bytes + 1] << 8) | pixels[index * bytes + 2];
  for (let index = 0; index < width * height; index += 1) counts.set(at(index), (counts.get(at(index)) ?? 0) + 1);
  const palette = [];
  for (const [rgb] of [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])) {
    // Shades that nobody can tell apart share a place, so that small coloured dots keep theirs.
    if (palette.length < 256 && !palette.some((other) => distance(rgb, other) < SAME)) palette.push(rgb);
  }
  const nearest = new Map(palette.map((rgb, index) => [rgb, index]));
  const find = (rgb) => {
    const known = nearest.get(rgb);
    if (known !== undefined) return known;
    let best = 0;
    let least = Infinity;
    palette.forEach((other, index) => {
      const far = distance(rgb, other);
      if (far < least) [best, least] = [index, far];
    });
    nearest.set(rgb, best);
    return best;
  };
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = find(at(y * width + x));
  const top = Buffer.from(header);
  top[9] = 3;
  const colours = Buffer.from(palette.flatMap((rgb) => [rgb >> 16, (rgb >> 8) & 255, rgb & 255]));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', top),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
