// A card by the camera: every other frame as it stands, the others in another size, turn or sharpness.

import { TRIES, picture } from "../site/picture.js";
import { byId } from "./words.js";

// As sharp as the camera gives: left to itself, a browser takes 640 by 480.
const CAMERA = { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } };
const files = JSON.parse(byId("files").textContent);
let decoder = null;

export function shut(video) {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
  video.hidden = true;
}

// The text of the first code that is seen; null where somebody shut the camera before.
export async function watch(video) {
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: CAMERA });
  decoder ??= (await import(files.find((name) => name.includes("/qr/decode.")))).default;
  video.hidden = false;
  await video.play();
  for (let seen = 0; video.srcObject; seen += 1) {
    await new Promise((later) => setTimeout(later, 100));
    if (!video.srcObject) break;
    const shape = TRIES[seen % 2 ? ((seen + 1) / 2) % TRIES.length : 0];
    try {
      const text = decoder(picture(video, video.videoWidth, video.videoHeight, shape), {});
      shut(video);
      return text;
    } catch {
      // In this size and turn it shows none; in the next frame it may.
    }
  }
  return null;
}

// The 26 letters of a card, from its drawing's address or as people write them; null where it is another thing.
export function lettersOf(text) {
  const plain = text.toUpperCase().replace(/[\s-]/g, "");
  return /(?:^|\/TARJETA\/)([A-HJ-NP-Z2-9]{26})\/?$/.exec(plain)?.[1] ?? null;
}
