// The live page: a camera, a film or a picture goes in, and its drawing is shown as quickly as it comes.
//
// Only the newest picture waits while another is drawn; older ones are dropped, so that nothing is shown late.

const at = (id) => document.getElementById(id);
const video = at("source"), canvas = at("drawing"), pen = canvas.getContext("2d");
const SIZES = [192, 256, 384, 512, 720];
const SLOW = 15, LOOK_AGAIN = 12;   // pictures a second below which the size falls; drawings between two looks

const state = {
  worker: null, ready: false, busy: false, waiting: false, models: [], model: null, size: 512, still: null,
  shown: 0, seen: 0, times: [], recorder: null, running: false,
};

function say(what) {
  at("alert").textContent = what;
  at("alert").hidden = !what;
}

function setState(name) {
  document.body.dataset.state = name;
}

async function begin() {
  state.models = await (await fetch("/models.json")).json();
  for (const [number, model] of state.models.entries()) at("model").add(new Option(model.name, number));
  const asked = new URLSearchParams(location.search).get("size");
  if (asked && SIZES.includes(Number(asked))) at("size").value = asked;
  state.worker = new Worker("/worker.js", { type: "module" });
  state.worker.onmessage = ({ data }) => answers[data.kind](data);
  state.worker.onerror = (event) => answers.failed({ what: event.message || "The drawing part did not start." });
  choose();
}

function choose() {
  state.model = state.models[Number(at("model").value)];
  state.ready = false;
  setState("loading");
  setSize();
  const { networks, grid } = state.model;
  state.worker.postMessage({ kind: "load", networks, grid, precision: precision() });
}

// Processors in a browser draw the float network as quickly as the quantized one, which the address can ask for.
function precision() {
  return new URLSearchParams(location.search).get("precision") === "int8" ? "int8" : "float";
}

function setSize() {
  const asked = at("size").value;
  state.size = asked === "auto" ? state.model.short_side : Number(asked);
  state.times = [];
}

const answers = {
  loaded({ by, threads }) {
    state.ready = true;
    state.busy = false;
    const { name, version, licence } = state.model;
    const where = by === "webgpu" ? "on the graphics processor" : `on the processor, in ${threads} thread${threads > 1 ? "s" : ""}`;
    at("about").textContent = `${name}, version ${version}, ${licence}; drawn ${where}.`;
    setState("ready");
    offer();
  },
  note({ what }) { say(what); },
  failed({ what }) {
    state.busy = false;
    setState("failed");
    say(`This could not be drawn: ${what}`);
  },
  drawn({ pixels, width, height, ms }) {
    state.busy = false;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    pen.putImageData(new ImageData(pixels, width, height), 0, 0);
    state.shown += 1;
    for (const id of ["picture", "record", "full"]) at(id).disabled = false;
    tell(ms, width, height);
    if (state.waiting) offer();
  },
};

function tell(ms, width, height) {
  const now = performance.now();
  state.times = [...state.times.filter((each) => now - each < 2000), now];
  const rate = state.times.length > 1 ? (1000 * (state.times.length - 1)) / (now - state.times[0]) : 0;
  canvas.dataset.shown = state.shown;
  canvas.dataset.milliseconds = ms.toFixed(1);
  canvas.dataset.size = `${width}x${height}`;
  const dropped = Math.max(0, state.seen - state.shown);
  at("rate").textContent = state.still
    ? `${width}x${height}, drawn in ${ms.toFixed(0)} ms`
    : `${rate.toFixed(1)} a second at ${width}x${height}, ${ms.toFixed(0)} ms a picture, ${state.shown} shown, ${dropped} dropped`;
  if (at("size").value === "auto" && !state.still && state.times.length >= LOOK_AGAIN && 1000 / ms < SLOW) smaller();
}

function smaller() {
  const next = SIZES.filter((each) => each < state.size).pop();
  if (next) {
    state.size = next;
    state.times = [];
  }
}

// Draws the newest picture, or remembers that there is one.
async function offer() {
  const from = state.still || (state.running && video.readyState >= 2 ? video : null);
  if (!from) return;
  if (!state.ready || state.busy) {
    state.waiting = true;
    return;
  }
  state.busy = true;
  state.waiting = false;
  const width = from.videoWidth || from.width, height = from.videoHeight || from.height;
  const scale = Math.min(1, state.size / Math.min(width, height));
  state.worker.postMessage(
    await withBitmap(from, { kind: "draw", width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)), mirror: at("mirror").checked }),
  );
}

async function withBitmap(from, message) {
  return { ...message, bitmap: await createImageBitmap(from) };
}

function follow() {
  if (!state.running) return;
  video.requestVideoFrameCallback(() => {
    state.seen += 1;
    follow();
    offer();
  });
}

function reset() {
  at("stop").hidden = true;
  stopRecording();
  for (const track of video.srcObject ? video.srcObject.getTracks() : []) track.stop();
  video.srcObject = null;
  if (video.src) URL.revokeObjectURL(video.src);
  if (video.poster) URL.revokeObjectURL(video.poster);
  for (const each of ["src", "poster"]) video.removeAttribute(each);
  Object.assign(state, { running: false, still: null, waiting: false, shown: 0, seen: 0, times: [] });
  say("");
}

async function startCamera() {
  reset();
  const wanted = at("camera").value;
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { width: { ideal: 1280 }, height: { ideal: 720 }, ...(wanted ? { deviceId: { exact: wanted } } : {}) },
    });
  } catch (error) {
    say(cameraTrouble(error));
    return;
  }
  await listCameras();
  await play();
}

function cameraTrouble(error) {
  if (error.name === "NotAllowedError") return "The browser was not allowed to use the camera. Allow it in the address bar, and start again.";
  if (error.name === "NotFoundError") return "There is no camera here. Open a film or a picture instead.";
  return `The camera cannot be used: ${error.message}`;
}

async function listCameras() {
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((each) => each.kind === "videoinput");
  const chosen = at("camera").value;
  at("camera").replaceChildren(new Option("the usual one", ""), ...cameras.map((each, n) => new Option(each.label || `camera ${n + 1}`, each.deviceId)));
  at("camera").value = chosen;
}

async function play() {
  state.running = true;
  at("stop").hidden = false;
  await video.play();
  follow();
}

async function openFile(file) {
  if (!file) return;
  reset();
  try {
    if (file.type.startsWith("image/")) {
      state.still = await createImageBitmap(file);
      video.poster = URL.createObjectURL(file);
      await offer();
    } else {
      video.src = URL.createObjectURL(file);
      await play();
    }
  } catch {
    reset();
    say(`This browser cannot read ${file.name}.`);
  }
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

function startRecording() {
  const kind = ["video/mp4", "video/webm"].find((each) => MediaRecorder.isTypeSupported(each));
  const parts = [], recorder = new MediaRecorder(canvas.captureStream(), { mimeType: kind, videoBitsPerSecond: 8e6 });
  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.onstop = () => save(new Blob(parts, { type: kind }), `drawn.${kind.slice(6)}`);
  recorder.start(1000);
  state.recorder = recorder;
  at("record").setAttribute("aria-pressed", "true");
  at("record").textContent = "Stop recording";
}

function stopRecording() {
  if (!state.recorder) return;
  state.recorder.stop();
  state.recorder = null;
  at("record").setAttribute("aria-pressed", "false");
  at("record").textContent = "Record";
}

at("start").onclick = startCamera;
at("stop").onclick = reset;
at("file").onchange = ({ target }) => openFile(target.files[0]);
at("picture").onclick = () => canvas.toBlob((blob) => save(blob, "drawn.png"));
at("record").onclick = () => (state.recorder ? stopRecording() : startRecording());
at("full").onclick = () => at("screen").requestFullscreen();
at("model").onchange = choose;
at("size").onchange = () => { setSize(); offer(); };
at("camera").onchange = () => { if (state.running) startCamera(); };
at("mirror").onchange = ({ target }) => { at("screen").classList.toggle("mirrored", target.checked); offer(); };
at("beside").onchange = ({ target }) => { video.hidden = !target.checked; };

begin().catch((error) => answers.failed({ what: error.message }));
