// The way of a message as a row of stations: name, figure, a word more, and a state (good, busy, bad or wait).

function depth(queue, title) {
  if (!queue) return { name: title, value: "–", state: "wait" };
  const inside = queue.waiting + queue.in_work;
  const more = queue.dead ? `${queue.dead} dead` : inside ? "in work" : "empty";
  return { name: title, value: String(inside), more, state: queue.dead ? "bad" : inside ? "busy" : "good" };
}

// The table's stream holds no messages that could be counted, only what it gave up.
function stream(queue) {
  if (!queue) return { name: "stream", value: "–", state: "wait" };
  const more = queue.dead ? `${queue.dead} dead` : "none dead";
  return { name: "stream", value: "live", more, state: queue.dead ? "bad" : "good" };
}

export function stations(now) {
  const last = now.deliveries.find((one) => one.status);
  const queues = now.queues ?? [];
  const { placed, pending } = now.orders ?? { placed: 0, pending: 0 };
  const books = now.books;
  const lines = now.messenger.lines.length;
  const queue = (name, title) => depth(queues.find((one) => one.name === name), title);
  return [
    { name: "networks", value: String(now.posts.length + now.messages.length + lines), more: "posts, messages", state: "good" },
    {
      name: "webhook",
      value: last ? String(last.status) : "–",
      more: last ? `${last.ms} ms` : "none yet",
      state: !last ? "wait" : last.status === 200 ? "good" : "bad",
    },
    queue("inbox", "inbox"),
    { name: "orders", value: String(placed), more: pending ? `${pending} pending` : "none waits", state: pending ? "busy" : "good" },
    stream(queues.find((one) => one.name === "changes")),
    queue("sms-links", "SMS links"),
    queue("sms-receipts", "SMS receipts"),
    queue("replies", "replies"),
    { name: "books", value: books ? books.sum : "–", more: books ? (books.balanced ? "balanced" : "NOT BALANCED") : "", state: !books ? "wait" : books.balanced ? "good" : "bad" },
  ];
}
