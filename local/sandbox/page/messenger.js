// Messenger: one person's conversation with the page at a time, and what they can do in it.
import { badge, deliveryBadge, el, intentBadge, linked, pagesOf, sync } from "/render.js";

const byId = (id) => document.getElementById(id);
const NOTHING = "Nothing written yet. To be linked, somebody opens the link of their join page.";

// Wires the pane to what the page does (`act`) and knows of a line (`withFate`); returns what shows a snapshot.
export function pane(act, withFate) {
  let chosen = "";
  let seen = null;
  let begun = false; // whether a first text was laid ready
  const did = (name, wish) => act(name, { by: chosen, ...wish }, byId("chat-error"));

  function show(now) {
    seen = now;
    const people = [...(now.phones ?? []), { name: "Somebody unknown", psid: now.messenger.stranger, linked: false }];
    const person = people.find((one) => one.psid === chosen) ?? people[0];
    chosen = person.psid;
    sync(byId("chatters"), people.map(({ name, psid }) => ({ name, psid })), (one) => one.psid, chatter);
    for (const button of byId("chatters").children) button.setAttribute("aria-pressed", String(button.dataset.key === chosen));
    byId("chat-title").textContent = `${person.name} and ${now.messenger.page}`;
    mark("chat-linked", person.linked ? "good" : "plain", person.linked ? "linked" : "not linked");
    const late = now.messenger.late.includes(chosen);
    mark("chat-window", late ? "bad" : "good", late ? "24 h are over" : "within 24 h");
    byId("chat-later").checked = late;
    const others = people.filter((one) => one.psid !== chosen);
    const payee = others.map((one) => one.chat_name || one.handle).find(Boolean) ?? "bob";
    const texts = now.tries.chats.map((text) => text.replace("{}", payee));
    if (!begun && now.phones) byId("chat-text").value = texts[0] ?? "";
    begun ||= Boolean(now.phones);
    sync(byId("chat-orders"), texts, (one) => one, ready);
    showLines(now);
  }

  function showLines(now) {
    const list = byId("chat");
    const lines = now.messenger.lines.filter((one) => one.with === chosen);
    const before = list.lastElementChild?.dataset.key;
    const told = lines.map((one) => ({ ...withFate(one, now, [one.id]), page: now.messenger.page, pages: pagesOf(now) }));
    sync(list, told, (one) => one.id, line, NOTHING);
    if (list.lastElementChild?.dataset.key !== before) requestAnimationFrame(() => (list.scrollTop = list.scrollHeight));
  }

  function chatter({ name, psid }) {
    const button = el("button", { type: "button" }, name);
    button.addEventListener("click", () => {
      chosen = psid;
      show(seen);
    });
    return button;
  }

  async function tap(event) {
    const button = event.target.closest("button[data-do]");
    if (!button) return;
    button.disabled = true;
    const done = await did("tap", { message: button.closest("li").dataset.key, payload: button.dataset.do });
    button.disabled = done;
    byId("chat-text").focus();
  }

  onSubmit("chat-write", "chat-text", (text) => did("write", { text }));
  onSubmit("chat-open", "chat-link", (link) => did("open", { link }));
  byId("chat").addEventListener("click", tap);
  byId("chat-unlink").addEventListener("click", () => did("unlink", {}));
  byId("chat-later").addEventListener("change", (event) => did("later", { on: event.target.checked }));
  networks();
  return show;
}

// What a screen reader is told: that the page has written to somebody.
export function heard(before, now) {
  const known = new Set(before.messenger.lines.map((one) => one.id));
  const fresh = now.messenger.lines.filter((one) => ["answer", "refused"].includes(one.kind) && !known.has(one.id));
  return fresh.map((one) => `On Messenger: ${one.text}`);
}

function mark(id, state, text) {
  byId(id).dataset.state = state;
  byId(id).textContent = text;
}

function line(one) {
  const fate = el("p", { class: "fate" }, one.deliveries.map(deliveryBadge), one.intents.map(intentBadge));
  if (["open", "unlink", "refused"].includes(one.kind)) return el("li", { class: "event" }, el("span", { class: "dim" }, one.text), fate);
  const mine = one.kind !== "answer";
  const who = el("span", { class: "unseen" }, mine ? "Wrote: " : `${one.page}: `);
  const tapped = one.kind === "tap" ? badge("plain", "tapped") : null;
  const buttons = one.buttons.map((button) => (button.url ? link(button) : el("button", { type: "button", "data-do": button.payload }, button.title)));
  const replies = buttons.length ? el("div", { class: "chips", role: "group", "aria-label": "Answer with" }, buttons) : null;
  fate.prepend(...(tapped ? [tapped] : []));
  return el("li", { class: mine ? "bubble mine" : "bubble theirs" }, who, el("span", { class: "words" }, mine ? one.text : linked(one.text, one.pages)), replies, mine ? fate : null);
}

// The button of a link template opens one of our pages.
function link({ title, url }) {
  const safe = /^https?:\/\//.test(url);
  return el("a", { href: safe ? url : null, target: "_blank", rel: "noopener noreferrer" }, title);
}

function onSubmit(form, field, send) {
  byId(form).addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await send(byId(field).value)) byId(field).value = "";
    byId(field).focus();
  });
}

function ready(text) {
  const button = el("button", { type: "button" }, text);
  button.addEventListener("click", () => {
    byId("chat-text").value = text;
    byId("chat-text").focus();
  });
  return button;
}

const switches = () => [...document.querySelectorAll("[data-network]")];

function choose(name) {
  for (const button of switches()) button.setAttribute("aria-pressed", String(button.dataset.network === name));
  for (const part of document.querySelectorAll("[data-on]")) part.hidden = part.dataset.on !== name;
  byId("chat").scrollTop = byId("chat").scrollHeight;
}

// One network is shown at a time; `?network=` chooses the first.
function networks() {
  for (const button of switches()) button.addEventListener("click", () => choose(button.dataset.network));
  const asked = new URLSearchParams(location.search).get("network");
  if (switches().some((button) => button.dataset.network === asked)) choose(asked);
}

// Only the networks that the programme is on can be chosen.
export function offer(names) {
  for (const button of switches()) button.hidden = !names.includes(button.dataset.network);
  byId("networks").hidden = names.length === 1;
  const shown = switches().find((button) => button.getAttribute("aria-pressed") === "true");
  if (shown.hidden) choose(names[0]);
}
