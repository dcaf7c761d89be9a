"use strict";
// The pages work without this file, except for passkeys: it counts down, keeps a form from being sent twice by
// accident, and asks the device for a passkey.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const say = (form, words) => {
  form.querySelector("[data-status]").textContent = words;
};

function countDown(place) {
  const until = Date.now() + 1000 * Number(place.dataset.seconds);
  const show = () => {
    const left = Math.floor((until - Date.now()) / 1000);
    if (left > 0) {
      const pattern = place.dataset.left;
      place.textContent = pattern.replace("{m}", Math.floor(left / 60)).replace("{s}", left % 60);
      return;
    }
    clearInterval(timer);
    place.textContent = place.dataset.over;
    for (const button of document.querySelectorAll("[data-answers] button")) button.disabled = true;
  };
  const timer = setInterval(show, 1000);
  show();
}

function sendOnce(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    say(form, form.dataset.once);
  });
}

function prepared(options) {
  const own = { ...options, challenge: bytes(options.challenge) };
  const withIds = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));
  if (options.user) own.user = { ...options.user, id: bytes(options.user.id) };
  if (options.allowCredentials) own.allowCredentials = withIds(options.allowCredentials);
  if (options.excludeCredentials) own.excludeCredentials = withIds(options.excludeCredentials);
  return own;
}

function answered(credential) {
  const response = { clientDataJSON: text(credential.response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

async function post(address, content) {
  const reply = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(content),
    credentials: "same-origin",
  });
  return reply.json();
}

const ask = {
  get: async (options) => answered(await navigator.credentials.get({ publicKey: prepared(options) })),
  create: async (options) => answered(await navigator.credentials.create({ publicKey: prepared(options) })),
};

async function throughPasskey(form, address) {
  const fields = Object.fromEntries(new FormData(form));
  const question = await post(`${address}/options`, fields);
  if (!question.ask) return question;
  const credential = await ask[question.ask](question.publicKey);
  return post(address, { ...fields, response: { nonce: question.nonce, credential } });
}

function withPasskey(form) {
  const button = form.querySelector("[data-needs-script]");
  button.disabled = !window.PublicKeyCredential;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    say(form, form.dataset.asking);
    try {
      const reply = await throughPasskey(form, form.dataset.passkey);
      const next = reply.done ? form.dataset.next : reply.next;
      if (next) {
        location.assign(next);
        return;
      }
      say(form, reply.error);
    } catch (fault) {
      say(form, fault instanceof DOMException ? form.dataset.cancelled : form.dataset.failed);
    }
    button.disabled = false;
  });
}

for (const place of document.querySelectorAll("[data-seconds]")) countDown(place);
for (const form of document.querySelectorAll("form[data-once]")) sendOnce(form);
for (const form of document.querySelectorAll("form[data-passkey]")) withPasskey(form);
// A page that comes back from the browser's memory may be answered by now.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
