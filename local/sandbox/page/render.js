// Turns the snapshot into elements. Text of people goes in as text only, never as markup.

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

// What has just come is lit up for a moment.
export function light(node) {
  node.classList.add("fresh");
  setTimeout(() => node.classList.remove("fresh"), 1500);
}

// Makes the children of a parent those of a list; what has not changed stays as it is, and focus is kept.
export function sync(parent, items, key, build, empty) {
  const before = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  const nodes = items.map((item) => {
    const name = String(key(item));
    const written = JSON.stringify(item);
    const old = before.get(name);
    if (old && old.written === written) return old;
    const node = build(item, old);
    node.dataset.key = name;
    node.written = written;
    if (old && old !== node && old.contains(document.activeElement)) node.wanted = document.activeElement.dataset.do;
    if (!old && parent.filled) light(node);
    return node;
  });
  if (!nodes.length && empty) {
    const note = before.get("") ?? el(parent.tagName === "UL" ? "li" : "p", { class: "empty", "data-key": "" }, empty);
    nodes.push(note);
  }
  const same = nodes.length === parent.children.length && nodes.every((node, index) => parent.children[index] === node);
  if (!same) parent.replaceChildren(...nodes);
  parent.filled = true;
  for (const node of nodes) {
    if (node.wanted) node.querySelector(`[data-do="${node.wanted}"]`)?.focus();
    delete node.wanted;
  }
}

export const clock = (at) => new Date(at * 1000).toLocaleTimeString("en-GB");
const words = (name) => name.replaceAll("_", " ");

export function avatar(name, bot) {
  const tone = [...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 5;
  return el("span", { class: "avatar", "data-tone": bot ? "bot" : tone, "aria-hidden": "true" }, name[0].toUpperCase());
}

// The @names and #words of a text stand out.
function marked(text) {
  return text.split(/([@#＠＃][\p{L}\p{N}_]+)/u).map((part, index) => (index % 2 ? el("b", {}, part) : part));
}

// Our own pages, to which links lead.
export const pagesOf = (now) => (now.stack ? ["/p", "/j", "/c"].map((end) => now.stack.page_url.replace(/\/p$/, end)) : []);

// A message with its links to our own pages open in a new tab; anything else stays text.
export function linked(text, pages) {
  return text.split(/(https?:\/\/\S+)/).map((part, index) => {
    if (index % 2 === 0 || !pages.some((page) => part.startsWith(`${page}#`))) return part;
    return el("a", { href: part, target: "_blank", rel: "noopener noreferrer", title: part }, part);
  });
}

export function station(one) {
  return el(
    "li",
    { class: "station", "data-state": one.state },
    el("span", { class: "name" }, one.name),
    el("strong", {}, one.value),
    one.more ? el("span", { class: "more" }, one.more) : null,
  );
}

export function badge(state, text, title) {
  return el("span", { class: "badge", "data-state": state, title }, text);
}

export function deliveryBadge(one) {
  if (one.status) return badge(one.status === 200 ? "good" : "bad", `webhook ${one.status} · ${one.ms} ms`, one.note);
  return badge(one.state === "nobody answers" ? "bad" : "wait", `webhook ${one.state}`, one.note);
}

export function intentBadge(one) {
  const what = [words(one.order), one.amount].filter(Boolean).join(" ");
  return badge(tone(one.status), `${what} · ${one.refusal ? words(one.refusal) : one.status}`, `reference ${one.reference}`);
}

export function tone(status) {
  return { paid: "good", answered: "good", pending: "wait", refused: "bad" }[status] ?? "plain";
}

const ACTIONS = [["reply", "Reply"], ["quote", "Quote"], ["repost", "Repost"], ["edit", "Edit"]];

export function post(one) {
  const verb = one.repost ? " reposted" : "";
  return el(
    "article",
    { class: `post${one.bot ? " bot" : ""}`, "aria-label": `@${one.author}` },
    avatar(one.name ?? one.author, one.bot),
    el(
      "div",
      { class: "body" },
      el(
        "p",
        { class: "by" },
        one.name ? el("strong", {}, one.name) : null,
        el(one.name ? "span" : "strong", { class: one.name ? "dim" : null }, `@${one.author}`),
        one.bot ? badge("bot", "bot") : null,
        verb,
        one.before.length ? badge("plain", `edited ${one.before.length}×`, `before: ${one.before.join(" / ")}`) : null,
        el("time", {}, clock(one.at)),
      ),
      one.lost ? el("p", { class: "dim" }, "Answers a post that came by another way") : null,
      one.text ? el("p", { class: "words" }, marked(one.text)) : null,
      one.quoted
        ? el("blockquote", {}, el("strong", {}, `@${one.quoted.author}`), " ", marked(one.quoted.text))
        : null,
      el(
        "p",
        { class: "fate" },
        one.deliveries.map(deliveryBadge),
        one.intents.map(intentBadge),
        one.bot || one.deliveries.length ? null : badge("plain", "not for the bot: no webhook"),
      ),
      el(
        "p",
        { class: "acts" },
        ACTIONS.filter(([name]) => (name !== "edit" || one.editable) && !one.repost).map(([name, label]) =>
          el("button", { type: "button", "data-do": name, "data-post": one.id, "data-author": one.author }, label),
        ),
      ),
    ),
  );
}

export function thread(one) {
  const answers = one.answers.map(post);
  return el("div", { class: "thread card" }, post(one), answers.length ? el("div", { class: "answers" }, answers) : null);
}

export function conversation(one) {
  const lines = one.lines.map((line) =>
    el(
      "li",
      { class: line.bot ? "bubble theirs" : "bubble mine" },
      marked(line.text),
      el("p", { class: "fate" }, line.deliveries.map(deliveryBadge), line.intents.map(intentBadge)),
    ),
  );
  return el(
    "article",
    { class: "private card" },
    el("p", { class: "by" }, el("strong", {}, `@${one.with}`), " and ", el("strong", {}, `@${one.bot}`), badge("plain", "private")),
    el("ul", {}, lines),
  );
}

export function phone(one, old) {
  const node = old ?? phoneCase(one);
  node.querySelector(".code b").textContent = one.code ? `${one.code.slice(0, 3)} ${one.code.slice(3)}` : "their own";
  const log = node.querySelector(".log");
  const texts = one.texts.map((text, index) => ({ text, index }));
  const count = log.querySelectorAll(".bubble").length;
  const bubble = (sms) => el("li", { class: "bubble theirs" }, linked(sms.text, one.pages));
  sync(log, texts, (sms) => sms.index, bubble, "No messages yet");
  if (texts.length !== count) requestAnimationFrame(() => (log.scrollTop = log.scrollHeight));
  return node;
}

function phoneCase(one) {
  const name = one.handle || one.chat_name;
  return el(
    "article",
    { class: "phone", "aria-label": `Phone of ${one.name}` },
    el(
      "header",
      {},
      avatar(one.name),
      el("div", {}, el("strong", {}, one.name), el("span", { class: "dim" }, name ? `@${name}` : "no @name yet")),
      el("span", { class: "dim number" }, one.phone),
    ),
    el("ul", { class: "log", tabindex: "0", "aria-label": `SMS of ${one.name}` }),
    el("p", { class: "code" }, "Security code ", el("b", {}, "")),
  );
}

export function account(one, old) {
  const state = one.state === "open" ? null : badge("bad", one.state);
  const row = el(
    "tr",
    {},
    el("th", { scope: "row" }, one.name, el("span", { class: "dim" }, ` ${one.kind}`), state),
    el("td", { class: "number" }, one.available),
  );
  if (old) light(row);
  return row;
}

export function intent(one) {
  const sides = one.payee ? `${one.payer || "?"} → ${one.payee}` : one.payer;
  return el(
    "li",
    {},
    el("time", {}, clock(one.at)),
    el("span", { class: "what" }, el("code", {}, one.reference), ` ${words(one.order)} ${one.amount} `, el("span", { class: "dim" }, sides)),
    badge(tone(one.status), one.refusal ? words(one.refusal) : one.status),
  );
}

export function held(one) {
  return el(
    "li",
    {},
    el("time", {}, clock(one.at)),
    el("span", { class: "what" }, el("code", {}, one.reference), ` ${one.amount} for ${one.payee}`),
    badge({ open: "wait", claimed: "good" }[one.status] ?? "plain", one.status),
  );
}

export function delivery(one) {
  return el(
    "li",
    {},
    el("time", {}, clock(one.at)),
    el("span", { class: "what" }, one.event, el("span", { class: "dim" }, one.note ? ` ${one.note}` : "")),
    one.status
      ? badge(one.status === 200 ? "good" : "bad", `${one.status} · ${one.ms} ms`)
      : badge(one.state === "nobody answers" ? "bad" : "wait", one.state),
  );
}

export function notice(one) {
  const [kind, number] = one.notice.split("#");
  const name = one.about ? `${kind}${number ? ` ${number}` : ""} ` : `${one.road === "SMS" ? kind : "answer"} `;
  return el(
    "li",
    {},
    el("time", {}, clock(one.at)),
    el("span", { class: "what" }, name, el("code", {}, one.about)),
    badge("plain", one.road),
  );
}

export function call(one) {
  const path = one.path.startsWith("/2/dm") ? "private message" : one.path.replace(/^\/v.*\/messages$/, "Messenger message");
  return el(
    "li",
    {},
    el("time", {}, clock(one.at)),
    el("span", { class: "what" }, `POST ${path}`),
    badge(one.status < 300 ? "good" : "bad", one.note ? `${one.status} · ${one.note}` : String(one.status)),
  );
}
