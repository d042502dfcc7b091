"use strict";
(() => {
  const HEADERS = { "x-studio": "1" };
  const EVERY_MS = 1000;

  // Parts of the page that change: asked for again and again, and put in where they differ.
  async function refresh(part) {
    if (part.dataset.busy || document.hidden) return;
    part.dataset.busy = "1";
    try {
      const answer = await fetch(part.dataset.refresh, { headers: HEADERS });
      if (answer.ok) put(part, await answer.text());
    } catch { /* the studio was stopped; it is asked again */ }
    delete part.dataset.busy;
  }

  function put(part, text) {
    if (part.dataset.text === text) return;
    const held = part.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
    part.dataset.text = text;
    part.innerHTML = text;
    if (held) for (const each of part.querySelectorAll("button")) if (each.getAttribute("aria-label") === held) each.focus();
  }

  const parts = [...document.querySelectorAll("[data-refresh]")];
  if (parts.length) setInterval(() => parts.forEach(refresh), EVERY_MS);
  for (const part of document.querySelectorAll("[data-once]")) {
    fetch(part.dataset.once, { headers: HEADERS }).then(async (answer) => {
      const text = await answer.text();
      if (answer.ok) part.innerHTML = text; else part.textContent = text;
    });
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-act]");
    if (!button) return;
    event.preventDefault();
    button.disabled = true;
    await fetch(button.dataset.act, { method: "POST", headers: HEADERS });
    parts.forEach(refresh);
  });

  // Files: chosen or dropped, sent one after the other, as they are.
  for (const drop of document.querySelectorAll("[data-upload]")) {
    const said = drop.querySelector("[data-upload-said]");
    const input = drop.querySelector("input[type=file]");
    input.addEventListener("change", () => send([...input.files]));
    drop.addEventListener("submit", (event) => event.preventDefault());
    for (const kind of ["dragover", "dragleave", "drop"]) {
      drop.addEventListener(kind, (event) => {
        event.preventDefault();
        drop.classList.toggle("over", kind === "dragover");
        if (kind === "drop") send([...event.dataTransfer.files]);
      });
    }

    async function send(files) {
      const refused = [];
      for (const [number, file] of files.entries()) {
        const words = await sendOne(file, (share) => {
          said.textContent = `${file.name}: ${Math.round(100 * share)} % (${number + 1} of ${files.length})`;
        });
        if (words) refused.push(`${file.name}: ${words}`);
      }
      if (refused.length) { said.textContent = refused.join(" "); said.className = "alert"; } else location.reload();
    }

    function sendOne(file, onShare) {
      return new Promise((resolve) => {
        const request = new XMLHttpRequest();
        request.open("POST", `${drop.dataset.upload}?name=${encodeURIComponent(file.name)}`);
        request.setRequestHeader("x-studio", "1");
        request.upload.onprogress = (event) => onShare(event.loaded / Math.max(1, event.total));
        request.onload = () => resolve(request.status === 200 ? "" : request.responseText);
        request.onerror = () => resolve("The studio cannot be reached, or refused the file.");
        request.send(file);
      });
    }
  }

  // The command that a form stands for, said anew whenever something is filled in.
  for (const form of document.querySelectorAll("form[method=post]")) {
    const shown = [...form.querySelectorAll("[data-command]")];
    for (const slider of form.querySelectorAll("[data-slider]")) {
      const field = form.querySelector(`#${slider.dataset.slider}`);
      slider.addEventListener("input", () => { field.value = slider.value; changed(); });
      field.addEventListener("input", () => { if (field.value) slider.value = field.value; });
    }
    const fields = () => new URLSearchParams(new FormData(form));
    let timer = 0, autosend = 0;
    const auto = form.querySelector("[data-autosend]");
    function changed() {
      clearTimeout(timer);
      timer = setTimeout(say, 200);
      if (!auto) return;
      clearTimeout(autosend);
      autosend = setTimeout(() => post(auto), 700);
    }
    async function say() {
      for (const each of shown) {
        const answer = await fetch(each.dataset.command, { method: "POST", headers: HEADERS, body: fields() });
        each.textContent = await answer.text();
        each.classList.toggle("wrong", !answer.ok);
      }
    }
    async function post(button) {
      const answer = await fetch(button.formAction, { method: "POST", headers: HEADERS, body: fields() });
      if (!answer.ok && shown.length) { shown[0].textContent = await answer.text(); shown[0].classList.add("wrong"); }
      parts.forEach(refresh);
    }
    form.addEventListener("input", changed);
    form.addEventListener("submit", (event) => {
      const button = event.submitter;  // one without an address of its own sends the form away as it is
      if (!button || !(button.getAttribute("formaction") || "").match(/\/(look|key)$/)) return;
      event.preventDefault();
      post(button);
    });
    if (shown.length) say();
  }
})();
