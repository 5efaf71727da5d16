// Phones that act as the real app should: open, clear, compare revisions, draw by tag (docs/envelope.md).

import { open } from "./envelope.js";

const NEUTRAL = { title: "Мой дневник", body: "Новая запись в дневнике" };
const PLATFORMS = { android: "Android", ios: "iOS", web: "Web" };
const CHANNELS = {
  marks: "Оценки",
  attendance: "Посещаемость",
  remarks: "Замечания и благодарности",
  timetable: "Расписание",
  homework: "Домашние задания",
  tomorrow: "Что завтра",
  support: "Поддержка",
  notices: "Сообщения об отсутствии",
  meetings: "Собрания",
  announcements: "Объявления",
  weeks: "Неделя",
  messages: "Сообщения",
  "urgent-messages": "Срочные сообщения школы",
  access: "Доступ к дневнику",
  journal: "Журнал",
  summary: "Сводка",
};
const RETRY_MS = 3000;
const CLOCK_MS = 5000;
const clockTime = new Intl.DateTimeFormat("ru", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("ru", { day: "numeric", month: "short" });

const shelf = document.querySelector("#shelf");
const phones = new Map();

// Opening an envelope is asynchronous. One queue keeps messages in the order in which they came.
let queue = Promise.resolve();

function inOrder(step) {
  queue = queue.then(step).catch((error) => console.error(error));
}

function follow() {
  const events = new EventSource("/events");
  // What came while nobody listened is in /phones. What comes during the load waits behind it.
  events.addEventListener("open", () => {
    showConnection("live");
    inOrder(() => load());
  });
  events.addEventListener("message", (event) => {
    const received = JSON.parse(event.data);
    inOrder(() => arrive(received));
  });
  events.addEventListener("error", () => {
    showConnection("lost");
    // After an HTTP error the browser gives up; after a broken connection it tries again by itself.
    if (events.readyState === EventSource.CLOSED) setTimeout(follow, RETRY_MS);
  });
}

async function arrive(received) {
  if (!phones.has(received.token)) await load(identity(received));
  const phone = phones.get(received.token);
  if (phone) await accept(phone, received, { live: true });
}

/** Brings the shelf up to date. May be repeated: a message that was seen is not taken twice. */
async function load(arriving) {
  const response = await fetch("/phones");
  if (!response.ok) throw new Error(`GET /phones: ${response.status}`);
  const listed = await response.json();
  const tokens = new Set(listed.map(({ phone }) => phone.token));
  for (const [token, phone] of phones) {
    if (tokens.has(token)) continue;
    phone.spot.remove();
    phones.delete(token);
  }
  for (const { phone: device, messages } of listed) {
    if (!phones.has(device.token)) phones.set(device.token, addPhone(device));
    for (const received of messages) {
      if (identity(received) === arriving) continue;
      await accept(phones.get(device.token), received, { live: false });
    }
  }
  document.querySelector("#no-phones").hidden = phones.size > 0;
}

function identity(received) {
  return `${received.receivedAt} ${received.name}`;
}

/** What a real app does with a message. */
async function accept(phone, received, { live }) {
  if (phone.seen.has(identity(received))) return;
  phone.seen.add(identity(received));
  const push = await read(phone.device, received);
  // What was to go is to go, however late the message is.
  for (const [tag, revision] of push.cleared ?? []) clear(phone, tag, revision, live);
  if (!push.shows || isLate(push, received)) return;
  const known = phone.items.get(push.tag);
  // An equal revision is the same message again. What does not open has none: it is drawn, and the known one stands.
  if (known && push.revision <= known.revision) return;
  const card = buildCard(push, received);
  phone.items.set(push.tag, { revision: push.revision ?? known?.revision ?? 0, card });
  draw(phone, push, card, known?.card, live);
  if (push.unread !== undefined) showBadge(phone, push.unread);
}

/** The revision stays known, or an older message that comes late would bring the item back. */
function clear(phone, tag, revision, live) {
  const known = phone.items.get(tag);
  if (known && known.revision > revision) return;
  phone.items.set(tag, { revision, card: null });
  if (known?.card) dismiss(known.card, live);
}

async function read(device, { message, name }) {
  const data = message.data ?? {};
  if (data.v !== "1" || !data.t) {
    return { ...NEUTRAL, tag: data.t ?? name, shows: true, note: "Это не конверт версии 1 (docs/envelope.md)" };
  }
  if (data.c === undefined) return readNeutral(message, data);
  try {
    const content = await open(device.key, data);
    return { ...content, tag: data.t, shows: content.alertIds.length > 0, sealed: true, content };
  } catch {
    return { ...NEUTRAL, tag: data.t, shows: mayShow(message), sealed: true, note: whyClosed(device, data) };
  }
}

function readNeutral(message, { t: tag, r, a, q, x, title, body }) {
  const unread = message.apns?.payload?.aps?.badge;
  return { tag, title, body, revision: Number(r), shows: Boolean(a), quiet: q === "1", cleared: JSON.parse(x ?? "[]"), unread };
}

/** Of what does not open: what was sent to show nothing comes without priority. */
function mayShow({ android, apns }) {
  return android?.priority !== "normal" && apns?.headers?.["apns-push-type"] !== "background";
}

function whyClosed(device, data) {
  if (!globalThis.crypto?.subtle) return "Не расшифровано: браузеру нужен localhost или HTTPS";
  if (!device.key) return "Не расшифровано: у телефона нет ключа";
  if (device.keyId !== data.k) return `Не расшифровано: запечатано другим ключом (${data.k})`;
  return "Не расшифровано: ключ не подходит или данные изменены";
}

/** Measured by the arrival, not by now: what came in time stays on the screen, as on a phone. */
function isLate(push, received) {
  if (!push.issuedAt) return false;
  return Date.parse(received.receivedAt) > Date.parse(push.issuedAt) + push.lifetimeSeconds * 1000;
}

function draw(phone, push, card, old, live) {
  const loud = live && !push.quiet;
  if (old && push.quiet) {
    card.querySelector("details").open = old.querySelector("details").open;
    old.replaceWith(card);
  } else {
    old?.remove();
    phone.list.prepend(card);
    phone.list.scrollTop = 0;
  }
  card.classList.toggle("arriving", live && !(old && push.quiet));
  if (loud) ring(phone.frame);
}

function ring(frame) {
  frame.classList.remove("ringing");
  // Reading a size makes the browser forget the running animation, so that it starts anew.
  void frame.offsetWidth;
  frame.classList.add("ringing");
}

/** The number on the app's icon, which iOS alone shows. */
function showBadge(phone, unread) {
  fill(phone.spot, ".badge", unread ? String(unread) : "");
}

async function dismiss(card, live) {
  card.classList.toggle("leaving", live);
  await Promise.allSettled(card.getAnimations().map((animation) => animation.finished));
  card.remove();
}

function addPhone(device) {
  const spot = fromTemplate("#phone-template");
  const [role, ...person] = device.name.split(" · ");
  fill(spot, ".role", role);
  fill(spot, ".person", person.join(" · "));
  const platform = PLATFORMS[device.platform] ?? device.platform;
  fill(spot, ".about", `${platform} · ${device.key ? "с ключом" : "без ключа"}`);
  fill(spot, ".clock", clockTime.format());
  const frame = spot.querySelector(".phone");
  frame.dataset.platform = device.platform;
  const list = spot.querySelector(".alerts");
  list.setAttribute("aria-label", `Уведомления: ${device.name}`);
  shelf.append(spot);
  return { device, spot, frame, list, seen: new Set(), items: new Map() };
}

function buildCard(push, received) {
  const card = fromTemplate("#card-template");
  fill(card, ".channel", CHANNELS[push.channel] ?? (push.channel || "My Diary"));
  fill(card, ".title", push.title);
  fillLines(card, ".body", push.body);
  fill(card, ".note", push.note);
  card.querySelector(".sealed").toggleAttribute("hidden", !push.sealed);
  card.querySelector(".quiet").toggleAttribute("hidden", !push.quiet);
  const time = card.querySelector("time");
  time.dateTime = received.receivedAt;
  time.textContent = shortTime(new Date(received.receivedAt));
  fill(card, ".wire", JSON.stringify(received.message, null, 2));
  fill(card, ".opened", push.content && JSON.stringify(push.content, null, 2));
  card.querySelector(".opened-heading").hidden = !push.content;
  return card;
}

function shortTime(moment) {
  const today = moment.toDateString() === new Date().toDateString();
  return today ? clockTime.format(moment) : day.format(moment);
}

function fromTemplate(selector) {
  return document.querySelector(selector).content.firstElementChild.cloneNode(true);
}

function fill(root, selector, text) {
  const element = root.querySelector(selector);
  element.textContent = text ?? "";
  element.hidden = !text;
}

/** A summary has a line for each piece of news. */
function fillLines(root, selector, text) {
  const element = root.querySelector(selector);
  const lines = (text ?? "").split("\n").map((line) => {
    const block = document.createElement("span");
    block.textContent = line;
    return block;
  });
  element.replaceChildren(...lines);
  element.hidden = !text;
}

function showConnection(state) {
  const texts = { live: ["На связи", "live"], lost: ["Переподключение…", "reconnecting"] };
  const connection = document.querySelector("#connection");
  connection.dataset.state = state;
  fill(connection, ".state", texts[state][0]);
  fill(connection, ".state-en", texts[state][1]);
}

setInterval(() => {
  for (const clock of document.querySelectorAll(".clock")) clock.textContent = clockTime.format();
}, CLOCK_MS);
// A phone that was just registered sends no event: look when the developer comes back from the terminal.
window.addEventListener("focus", () => inOrder(() => load()));
follow();
