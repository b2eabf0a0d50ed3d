// A picture as a reader of codes is shown it: in some size, turned, and sharper where it was out of focus.

const LARGEST = 1600;
const STRENGTH = 2;
// Size, degrees, and how many points around each one it is told from: a reader that misses a code as it stands often
// finds it turned, or sharpened.
export const TRIES = [
  [1, 0, 0], [1, 0, 3], [1, 45, 0], [1, 45, 3], [1, -20, 0], [1, 20, 3], [1, 160, 0], [0.6, 0, 0], [1, -20, 3],
  [0.6, 45, 2], [1.5, 0, 0], [1, 0, 5], [0.4, 0, 0], [1.5, 45, 4], [1, 70, 3],
];

export function picture(source, width, height, [scale, degrees, around]) {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const fit = Math.min(1, LARGEST / Math.max(width, height)) * scale;
  const [wide, high] = [Math.max(1, Math.round(width * fit)), Math.max(1, Math.round(height * fit))];
  canvas.width = degrees ? Math.max(wide, high) : wide;
  canvas.height = degrees ? Math.max(wide, high) : high;
  context.fillStyle = "#ccc";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((degrees * Math.PI) / 180);
  context.drawImage(source, -wide / 2, -high / 2, wide, high);
  const image = context.getImageData(0, 0, canvas.width, canvas.height);
  return around ? sharper(image, around) : image;
}

// An unsharp mask: each point moves away from the mean of those around it.
function sharper(image, around) {
  const { data, width, height } = image;
  const grey = new Float32Array(width * height);
  for (let at = 0; at < grey.length; at += 1) {
    grey[at] = 0.299 * data[4 * at] + 0.587 * data[4 * at + 1] + 0.114 * data[4 * at + 2];
  }
  let soft = grey;
  for (let pass = 0; pass < 2; pass += 1) {
    soft = meant(soft, { lines: height, long: width, next: 1, line: width, around });
    soft = meant(soft, { lines: width, long: height, next: width, line: 1, around });
  }
  for (let at = 0; at < grey.length; at += 1) {
    const value = grey[at] + STRENGTH * (grey[at] - soft[at]);
    data[4 * at] = data[4 * at + 1] = data[4 * at + 2] = value;
  }
  return image;
}

// The mean of `around` points to either side, along lines whose points are `next` apart; the ends are repeated.
function meant(values, { lines, long, next, line, around }) {
  const made = new Float32Array(values.length);
  const span = 2 * around + 1;
  for (let row = 0; row < lines; row += 1) {
    const start = row * line;
    const at = (place) => values[start + Math.min(long - 1, Math.max(0, place)) * next];
    let sum = 0;
    for (let place = -around; place <= around; place += 1) sum += at(place);
    for (let place = 0; place < long; place += 1) {
      made[start + place * next] = sum / span;
      sum += at(place + around + 1) - at(place - around);
    }
  }
  return made;
}
