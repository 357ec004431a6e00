// Reads QR codes through the camera, where the browser can.

const EVERY_MS = 250;
const SAME_MS = 3000;

export async function canRead() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return false;
  return (await BarcodeDetector.getSupportedFormats()).includes("qr_code");
}

export class Camera {
  constructor(viewer, found) {
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
    this.detector = new BarcodeDetector({ formats: ["qr_code"] });
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
