// Draws pictures with a live model, one after the other, beside the page's own thread.
//
// In:  {kind: "load", networks, grid}                    out: {kind: "loaded", by, network}
//      {kind: "draw", bitmap, width, height, mirror}     out: {kind: "drawn", pixels, width, height, ms}
//      what goes wrong                                   out: {kind: "failed", what}

let runtime, session, grid;
let canvas = new OffscreenCanvas(1, 1), pen = canvas.getContext("2d", { willReadFrequently: true });
let input = new Float32Array(0);

// One message after the other: a model is not taken away while it draws.
let before = Promise.resolve();
self.onmessage = ({ data }) => { before = before.then(() => answer(data)); };

async function answer(data) {
  try {
    if (data.kind === "load") await load(data);
    else await draw(data);
  } catch (error) {
    self.postMessage({ kind: "failed", what: String((error && error.message) || error) });
  }
}

// WebGPU where there is one, which draws the float network; else the processor, with all of its threads.
async function load(asked) {
  grid = asked.grid;
  const old = session;
  session = undefined;
  if (old) await old.release();
  if (await hasGpu()) {
    try {
      runtime = await import("/runtime/ort.jspi.bundle.min.mjs");
      await open("webgpu", asked.networks.float);
      return;
    } catch (error) {
      self.postMessage({ kind: "note", what: `WebGPU does not draw this model (${error.message}): the processor does.` });
    }
  }
  runtime = await import("/runtime/ort.wasm.bundle.min.mjs");
  await open("wasm", asked.networks[asked.precision] || asked.networks.float);
}

async function hasGpu() {
  if (!navigator.gpu || !("Suspending" in WebAssembly)) return false;
  const adapter = await navigator.gpu.requestAdapter();
  // One that is only simulated on the processor is slower than the processor itself.
  return Boolean(adapter && !(adapter.info && adapter.info.isFallbackAdapter) && !adapter.isFallbackAdapter);
}

async function open(provider, network) {
  const binary = provider === "webgpu" ? "ort-wasm-simd-threaded.jspi.wasm" : "ort-wasm-simd-threaded.wasm";
  runtime.env.wasm.wasmPaths = { wasm: `/runtime/${binary}` };
  runtime.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(8, navigator.hardwareConcurrency || 1) : 1;
  runtime.env.logLevel = "error";
  session = await runtime.InferenceSession.create(network, { executionProviders: [provider], graphOptimizationLevel: "all" });
  self.postMessage({ kind: "loaded", by: provider, network, threads: runtime.env.wasm.numThreads });
}

async function draw({ bitmap, width, height, mirror }) {
  const began = performance.now();
  const picture = scaled(bitmap, width, height, mirror);
  const wide = Math.ceil(width / grid) * grid, high = Math.ceil(height / grid) * grid;
  if (input.length !== 3 * wide * high) input = new Float32Array(3 * wide * high);
  toPlanes(picture.data, width, height, wide, high);
  const tensor = new runtime.Tensor("float32", input, [1, 3, high, wide]);
  const answers = await session.run({ [session.inputNames[0]]: tensor });
  const drawing = answers[session.outputNames[0]];
  const pixels = fromPlanes(await drawing.getData(), width, height, wide, high);
  drawing.dispose();
  self.postMessage({ kind: "drawn", pixels, width, height, ms: performance.now() - began }, [pixels.buffer]);
}

function scaled(bitmap, width, height, mirror) {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  pen.setTransform(mirror ? -1 : 1, 0, 0, 1, mirror ? width : 0, 0);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return pen.getImageData(0, 0, width, height);
}

// RGBA bytes to three planes in [0, 1]; the right and bottom edges are extended by reflection up to the grid.
function toPlanes(bytes, width, height, wide, high) {
  const plane = wide * high;
  for (let y = 0; y < high; y++) {
    const row = 4 * width * (y < height ? y : Math.max(0, 2 * height - 1 - y));
    for (let x = 0; x < wide; x++) {
      const from = row + 4 * (x < width ? x : Math.max(0, 2 * width - 1 - x)), to = y * wide + x;
      input[to] = bytes[from] / 255;
      input[to + plane] = bytes[from + 1] / 255;
      input[to + 2 * plane] = bytes[from + 2] / 255;
    }
  }
}

function fromPlanes(planes, width, height, wide, high) {
  const plane = wide * high, bytes = new Uint8ClampedArray(4 * width * height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let from = y * wide, end = from + width; from < end; from++, to += 4) {
      bytes[to] = 255 * planes[from];
      bytes[to + 1] = 255 * planes[from + plane];
      bytes[to + 2] = 255 * planes[from + 2 * plane];
      bytes[to + 3] = 255;
    }
  }
  return bytes;
}
