// The page: listens to what happens, shows it, and sends what its reader does.
import * as render from "/render.js";
import { listen } from "/live.js";
import { heard, offer, pane } from "/messenger.js";
import { el, sync } from "/render.js";
import { stations } from "/stations.js";

const byId = (id) => document.getElementById(id);
const SWITCHES = {
  duplicate: ["Duplicate", "Every webhook comes twice. Expect one order and one SMS."],
  delay: ["Delay 5 s", "Every webhook comes late. Expect the same SMS, later."],
  reorder: ["Reorder", "One is held until the next has come. Expect both orders."],
  forge: ["Forge", "Signed with a wrong secret. Expect 401 and nothing else."],
  drop: ["Drop", "Lost on the way. Expect nothing: nobody told us."],
  limit: ["Rate limit", "X’s API answers 429. Expect replies once this is off."],
};
const UNKNOWN = "curieux";

let bot = "Smoneyfr";
let mode = "post";
let about = null; // the post that is replied to, quoted or edited: {kind, target}
let seen = null;

// ---- showing ----

function show(now) {
  const before = seen;
  seen = now;
  bot = now.bot;
  place(now.programme);
  pills(now);
  sync(byId("path"), stations(now), (one) => one.name, render.station);
  showNetwork(now);
  showChats(now);
  if (now.up) showBank(now);
  showSwitches(now);
  sync(byId("deliveries"), now.deliveries.slice(0, 12), (one) => one.number, render.delivery, "No webhook yet");
  sync(byId("calls"), now.calls.slice(0, 8), (one) => one.at, render.call, "Nothing said yet");
  announce(before, now);
}

// What the programme is called, and its networks: the page shows no others.
function place({ brand, networks }) {
  byId("brand").textContent = brand;
  offer(networks);
  byId("envelope").closest(".row").hidden = !networks.includes("twitter");
}

function pills(now) {
  const stack = byId("stack-state");
  stack.textContent = now.up ? "local AWS up" : "local AWS down";
  stack.dataset.state = now.up ? "good" : "bad";
  const check = byId("check");
  const { state, ms } = now.check;
  check.textContent = state === "waiting" ? "webhook check: waiting" : `webhook check ${state} · ${ms} ms`;
  check.dataset.state = { passed: "good", failed: "bad" }[state] ?? "wait";
  banner(now.up ? "" : `${now.why} Start it again with “make demo”; this page will find it if the address is the same.`);
}

function banner(text) {
  byId("banner").textContent = text;
  byId("banner").hidden = !text;
}

// A post or message with who wrote it, what became of its webhooks, and the order that it made.
function withFate(one, now, ids) {
  return {
    ...one,
    name: (now.phones ?? []).find((each) => each.handle === one.author)?.name,
    deliveries: now.deliveries.filter((each) => ids.includes(each.about)).reverse(),
    intents: (now.intents ?? []).filter((each) => ids.includes(each.message)),
  };
}

function showNetwork(now) {
  const posts = now.posts.map((one) => withFate(one, now, one.versions));
  const roots = new Map();
  const rootOf = new Map();
  for (const one of posts) {
    const root = roots.get(rootOf.get(one.reply_to));
    rootOf.set(one.first, root ? root.first : one.first);
    if (root) root.answers.push(one);
    else roots.set(one.first, { ...one, lost: Boolean(one.reply_to), answers: [] });
  }
  const talks = new Map();
  for (const line of now.messages) {
    const talk = talks.get(line.with) ?? { with: line.with, bot: now.bot, lines: [] };
    talk.lines.push(withFate(line, now, [line.id]));
    talk.at = line.at;
    talks.set(line.with, talk);
  }
  const all = [...roots.values(), ...talks.values()].sort((one, other) => other.at - one.at);
  const build = (one) => (one.lines ? render.conversation(one) : render.thread(one));
  sync(byId("timeline"), all, (one) => one.first ?? `@${one.with}`, build, "Nothing posted yet. Write the first post above.");
}

function showBank(now) {
  const pages = render.pagesOf(now);
  sync(byId("phones"), now.phones.map((one) => ({ ...one, pages })), (one) => one.phone, render.phone, "Nobody has a phone");
  sync(byId("accounts"), now.accounts, (one) => one.account, render.account);
  const { transfers, sum, balanced, faults } = now.books;
  const books = byId("books");
  books.textContent = `${transfers} transfers, balances and bank sum to ${sum}: ${balanced ? "balanced" : "not balanced"}`;
  books.dataset.state = balanced ? "good" : "bad";
  sync(byId("faults"), faults, (one) => one, (one) => el("li", {}, one));
  sync(byId("intents"), now.intents.slice(0, 8), (one) => one.reference, render.intent, "No order yet");
  sync(byId("held"), now.held, (one) => one.reference, render.held, "Nothing is held");
  sync(byId("notices"), now.notices.slice(0, 8), (one) => `${one.about}${one.notice}${one.at}`, render.notice, "No notice yet");
  const writers = [...now.phones.filter((one) => one.handle), { handle: UNKNOWN, name: "Somebody unknown" }];
  sync(byId("authors"), writers.map(({ handle, name }) => ({ handle, name })), (one) => one.handle, writer);
  if (!byId("orders").filled && now.tries.posts.length) byId("text").value = `@${bot} ${now.tries.posts[0]}`;
  sync(byId("orders"), now.tries.posts, (one) => one, readyOrder);
  press();
}

function writer({ handle, name }) {
  const button = el("button", { type: "button", "data-handle": handle, title: `@${handle}`, "aria-pressed": "false" }, name);
  button.addEventListener("click", () => {
    byId("author").value = handle;
    press();
  });
  return button;
}

function showSwitches(now) {
  const ours = ([name]) => name !== "limit" || now.programme.networks.includes("twitter");
  const rows = Object.entries(now.switches).filter(ours).map(([name, on]) => ({ name, on }));
  sync(byId("switches"), rows, (one) => one.name, (one, old) => {
    const row = old ?? switchRow(one.name);
    row.querySelector("input").checked = one.on;
    return row;
  });
  byId("envelope").value = now.envelope;
}

function switchRow(name) {
  const [title, means] = SWITCHES[name];
  const input = el("input", { type: "checkbox", role: "switch", id: `switch-${name}`, "aria-describedby": `means-${name}` });
  input.addEventListener("change", () => act("switch", { name, on: input.checked }));
  const label = el("label", { for: input.id }, title);
  return el("div", { class: "switch" }, input, label, el("span", { class: "dim", id: `means-${name}` }, means));
}

// Screen readers hear what arrives, in a sentence.
function announce(before, now) {
  if (!before?.up || !now.up) return;
  const told = [];
  for (const one of now.phones) {
    const old = before.phones.find((other) => other.phone === one.phone);
    if (old && one.texts.length > old.texts.length) told.push(`New SMS for ${one.name}.`);
  }
  told.push(...heard(before, now));
  const spoken = now.posts.filter((one) => one.bot).length - before.posts.filter((one) => one.bot).length;
  if (spoken > 0) told.push("The bot has answered.");
  if (before.books.balanced && !now.books.balanced) told.push("The books do not balance.");
  if (told.length) byId("said").textContent = told.join(" ");
}

// ---- writing ----

async function act(name, wish, error = byId("error")) {
  try {
    const answer = await fetch(`/do/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(wish),
    });
    const told = await answer.json();
    error.textContent = told.error ?? "";
  } catch {
    error.textContent = "The sandbox does not answer.";
  }
  error.hidden = !error.textContent;
  return !error.textContent;
}

async function submit(event) {
  event.preventDefault();
  const wish = { author: byId("author").value, text: byId("text").value, ...(about ?? {}) };
  byId("send").disabled = true;
  const sent = mode === "message" ? await act("message", wish) : await act("post", wish);
  byId("send").disabled = false;
  if (!sent) return;
  forget();
  byId("text").value = "";
  count();
}

function onAction(event) {
  const button = event.target.closest("[data-do]");
  if (!button) return;
  const kind = button.dataset.do;
  const target = button.dataset.post;
  if (kind === "repost") {
    act("post", { author: byId("author").value, kind, target });
    return;
  }
  setMode("post");
  about = { kind, target };
  const one = seen.posts.find((post) => post.id === target);
  const says = { reply: "Reply to", quote: "Quote of", edit: "Edit of" }[kind];
  byId("context").querySelector("span").textContent = `${says} @${one.author}: ${one.text}`;
  byId("context").hidden = false;
  if (kind === "edit") {
    byId("author").value = one.author;
    byId("text").value = one.text;
  } else if (kind === "reply" && !one.bot) {
    byId("text").value = `@${bot} `;
  } else {
    byId("text").value = "";
  }
  press();
  byId("text").focus();
  byId("composer").scrollIntoView({ block: "nearest" });
}

function forget() {
  about = null;
  byId("context").hidden = true;
  label();
}

function setMode(name) {
  mode = name;
  if (mode === "message") forget();
  for (const button of document.querySelectorAll("[data-mode]")) {
    button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  }
  label();
}

function label() {
  const kind = about?.kind ?? "post";
  const says = { post: "Post", reply: "Reply", quote: "Quote", edit: "Save edit" }[kind];
  byId("send").textContent = mode === "message" ? "Send in private" : says;
}

function press() {
  for (const button of byId("authors").children) {
    const on = button.dataset.handle?.toLowerCase() === byId("author").value.trim().replace(/^@/, "").toLowerCase();
    button.setAttribute("aria-pressed", String(on));
  }
  label();
  count();
}

function count() {
  byId("count").textContent = `${[...byId("text").value].length} / 280`;
}

function readyOrder(order) {
  const button = el("button", { type: "button" }, order);
  button.addEventListener("click", () => {
    byId("text").value = mode === "message" ? order : `@${bot} ${order}`;
    count();
    byId("text").focus();
  });
  return button;
}

function tabs() {
  for (const button of document.querySelectorAll(".tabs button")) {
    button.addEventListener("click", () => {
      document.querySelector("main").dataset.tab = button.dataset.tab;
      for (const other of document.querySelectorAll(".tabs button")) {
        other.setAttribute("aria-pressed", String(other === button));
      }
    });
  }
}

const showChats = pane(act, withFate);
tabs();
byId("composer").addEventListener("submit", submit);
byId("timeline").addEventListener("click", onAction);
byId("forget").addEventListener("click", forget);
byId("author").addEventListener("input", press);
byId("text").addEventListener("input", count);
byId("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) byId("composer").requestSubmit();
});
byId("check").addEventListener("click", () => act("check", {}));
byId("envelope").addEventListener("change", (event) => act("envelope", { name: event.target.value }));
for (const button of document.querySelectorAll("[data-mode]")) {
  button.addEventListener("click", () => setMode(button.dataset.mode));
}
count();
// `?snapshot` shows what is now and stays so; `&tab=` chooses the part that a narrow page shows.
const query = new URLSearchParams(location.search);
document.querySelector(`.tabs [data-tab="${CSS.escape(query.get("tab") ?? "network")}"]`)?.click();
if (query.has("snapshot")) fetch("/snapshot").then((answer) => answer.json()).then(show);
else listen(show, banner);
