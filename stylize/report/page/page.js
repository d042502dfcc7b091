"use strict";
(() => {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.addEventListener("click", async () => {
      const text = document.getElementById(button.dataset.copy).textContent;
      let done = true;
      try { await navigator.clipboard.writeText(text); } catch { done = select(button.dataset.copy); }
      button.textContent = done ? "Copied" : "Selected: press Ctrl+C";
      setTimeout(() => { button.textContent = "Copy"; }, 2500);
    });
  }

  function select(id) {
    const range = document.createRange();
    range.selectNodeContents(document.getElementById(id));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return document.execCommand("copy");
  }

  const film = document.getElementById("film");
  const facts = document.getElementById("film-facts");
  if (!film || !facts) return;

  // One film holds all pictures of a moment, one below the other: they share one clock and cannot drift apart.
  const { names, times, first, aspect, sound } = JSON.parse(facts.textContent);
  const coded = atob(film.textContent.trim());
  const bytes = new Uint8Array(coded.length);
  for (let at = 0; at < coded.length; at++) bytes[at] = coded.charCodeAt(at);
  const video = document.createElement("video");
  video.playsInline = true;
  video.loop = true;
  video.preload = "auto";
  video.src = URL.createObjectURL(new Blob([bytes], { type: "video/mp4" }));

  const find = (name) => document.querySelector(`[data-view="${name}"]`);
  const canvas = find("canvas"), wipe = find("wipe"), play = find("play"), seek = find("seek"), time = find("time");
  const mute = find("mute"), left = find("left"), right = find("right"), full = find("full");
  const selects = [find("choose-left"), find("choose-right")];
  const modes = [...document.querySelectorAll("[data-mode]")];
  const pen = canvas.getContext("2d");
  let share = 0.5, mode = "wipe", pair = [0, names.length - 1], shown = 0;

  function size() {
    const height = video.videoHeight / names.length;
    canvas.height = height;
    canvas.width = Math.round(height * aspect);
    find("stage").style.setProperty("--aspect", aspect);
    draw();
  }

  function draw() {
    if (!video.videoWidth) return;
    const width = canvas.width, height = canvas.height, tall = video.videoHeight / names.length;
    const put = (which, from, to) => {
      if (to <= from) return;
      const scale = video.videoWidth / width;
      pen.drawImage(video, from * scale, which * tall, (to - from) * scale, tall, from, 0, to - from, height);
    };
    const edge = mode === "wipe" ? Math.round(share * width) : mode === "left" ? width : 0;
    put(pair[0], 0, edge);
    put(pair[1], edge, width);
    wipe.hidden = mode !== "wipe";
    wipe.style.left = `${share * 100}%`;
    wipe.setAttribute("aria-valuenow", Math.round(share * 100));
    wipe.setAttribute("aria-valuetext", `${Math.round(share * 100)} % ${names[pair[0]]}`);
    left.textContent = names[pair[0]];
    right.textContent = names[pair[1]];
    left.hidden = mode === "right";
    right.hidden = mode === "left";
    const frame = frameAt(shown);
    seek.value = frame;
    seek.setAttribute("aria-valuetext", `frame ${first + frame}`);
    time.textContent = `${clock(times[frame])}  ${first + frame}`;
    canvas.dataset.frame = first + frame;
  }

  function frameAt(seconds) {
    let low = 0, high = times.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (times[middle] <= seconds + 0.0005) low = middle; else high = middle - 1;
    }
    return low;
  }

  function clock(seconds) {
    const minutes = Math.floor(seconds / 60);
    return `${minutes}:${(seconds - 60 * minutes).toFixed(2).padStart(5, "0")}`;
  }

  function show(frame) {
    const at = Math.max(0, Math.min(times.length - 1, frame));
    const next = at + 1 < times.length ? times[at + 1] : times[at] + 0.04;
    video.currentTime = (times[at] + next) / 2;
  }

  function step(by) { video.pause(); show(frameAt(video.currentTime) + by); }
  function toggle() { if (video.paused) video.play(); else video.pause(); }
  function moveTo(value) { share = Math.max(0, Math.min(1, value)); draw(); }
  function setMode(value) {
    mode = value;
    for (const each of modes) each.setAttribute("aria-pressed", String(each.dataset.mode === value));
    draw();
  }

  if ("requestVideoFrameCallback" in video) {
    const onFrame = (_, metadata) => { shown = metadata.mediaTime; draw(); video.requestVideoFrameCallback(onFrame); };
    video.requestVideoFrameCallback(onFrame);
  } else {
    const onTick = () => { shown = video.currentTime; draw(); requestAnimationFrame(onTick); };
    requestAnimationFrame(onTick);
  }
  video.addEventListener("loadeddata", () => { size(); document.body.dataset.film = "ready"; });
  video.addEventListener("seeked", () => { shown = video.currentTime; draw(); });
  video.addEventListener("play", () => { play.textContent = "Pause"; });
  video.addEventListener("pause", () => { play.textContent = "Play"; });
  video.addEventListener("error", () => { time.textContent = "This browser cannot play the film."; });
  play.addEventListener("click", toggle);
  seek.addEventListener("input", () => { video.pause(); show(Number(seek.value)); });
  mute.hidden = !sound;
  mute.addEventListener("click", () => {
    video.muted = !video.muted;
    mute.textContent = video.muted ? "Sound off" : "Sound on";
    mute.setAttribute("aria-pressed", String(!video.muted));
  });
  full.addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen(); else find("screen").requestFullscreen();
  });
  for (const each of modes) each.addEventListener("click", () => setMode(each.dataset.mode));
  selects.forEach((each, side) => each && each.addEventListener("change", () => { pair[side] = Number(each.value); draw(); }));
  for (const each of document.querySelectorAll("[data-seek]")) {
    each.addEventListener("click", () => {
      video.pause();
      show(Number(each.dataset.seek) - first);
      find("screen").scrollIntoView({ block: "center" });
    });
  }

  const screen = find("screen");
  const follow = (event) => {
    const box = canvas.getBoundingClientRect();
    moveTo((event.clientX - box.left) / box.width);
  };
  let dragged = false;
  screen.addEventListener("pointerdown", (event) => {
    if (mode !== "wipe") return;
    dragged = true;
    screen.setPointerCapture(event.pointerId);
    follow(event);
  });
  screen.addEventListener("pointermove", (event) => { if (dragged) follow(event); });
  for (const kind of ["pointerup", "pointercancel"]) screen.addEventListener(kind, () => { dragged = false; });
  wipe.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -0.02, ArrowDown: -0.02, ArrowRight: 0.02, ArrowUp: 0.02, PageDown: -0.1, PageUp: 0.1 }[event.key];
    if (by) moveTo(share + by);
    else if (event.key === "Home") moveTo(0);
    else if (event.key === "End") moveTo(1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    const onButton = event.target.tagName === "BUTTON" || event.target.tagName === "SUMMARY";
    const act = {
      " ": onButton ? null : toggle, k: toggle, ",": () => step(-1), ".": () => step(1), "1": () => setMode("left"),
      "2": () => setMode("wipe"), "3": () => setMode("right"), a: () => moveTo(share - 0.02), d: () => moveTo(share + 0.02),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
