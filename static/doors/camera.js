// Reads QR codes through the camera: with what the browser has, else (iPhones, Firefox) with a library of the same shape.

const EVERY_MS = 250;
const SAME_MS = 3000;

export async function findReader() {
  if (!navigator.mediaDevices) return null;
  const own = window.BarcodeDetector;
  if (own && (await own.getSupportedFormats()).includes("qr_code")) return own;
  return (await import("../vendor/qr-0.7.0/decode.js")).BarcodeDetector;
}

export class Camera {
  constructor(Reader, viewer, found) {
    this.detector = new Reader({ formats: ["qr_code"] });
    this.viewer = viewer;
    this.found = found;
    this.stream = null;
    this.seen = { code: "", at: 0 };
  }

  async start() {
    this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    this.viewer.srcObject = this.stream;
    this.viewer.hidden = false;
    await this.viewer.play();
    this.timer = setInterval(() => this.look(), EVERY_MS);
  }

  stop() {
    clearInterval(this.timer);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.viewer.hidden = true;
  }

  // The same badge stays before the camera for a while: it is one scan.
  async look() {
    const [first] = await this.detector.detect(this.viewer).catch(() => []);
    if (!first) return;
    const now = Date.now();
    const isSame = first.rawValue === this.seen.code && now - this.seen.at < SAME_MS;
    this.seen = { code: first.rawValue, at: now };
    if (!isSame) this.found(first.rawValue);
  }
}
