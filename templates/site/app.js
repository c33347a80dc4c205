// The page's whole behaviour. Every text of a paper reaches the page through textContent or append();
// a summary's HTML, already reduced by the run that wrote it, is rebuilt element by element once more.

const PAGE = 50; // papers drawn at a time
const AUTO_BYTES = 14e6; // how much of the archive a search loads without asking: takes 140 MB of memory
const SUMMARIES_WEIGHT = 3; // times the bytes, when a month's summaries are searched as well
const OVERDUE_HOURS = 36;
const MAX_QUERY_CHARS = 500; // as the search box's maxlength: an address must not grow without limit
const SHORT_ABSTRACT = 250; // characters that are not worth a fold

const $ = (id) => document.getElementById(id);
const form = $("search");

// --- Data: an index, then months as they are needed -----------------------------------------------

const archive = { months: [], loaded: new Map(), summaries: new Map(), today: null, allowance: AUTO_BYTES };

async function fetchJson(path) {
  const answer = await fetch(path, { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${path} could not be loaded (${answer.status} ${answer.statusText})`);
  return answer.json();
}

function once(known, key, load) {
  if (!known.has(key)) {
    const promise = load().then((value) => (promise.value = value));
    promise.catch(() => known.delete(key)); // so that a later try asks again
    known.set(key, promise);
  }
  return known.get(key);
}

const loadMonth = (month) =>
  once(archive.loaded, month, async () => {
    const { papers } = await fetchJson(`papers/${month}.json`);
    papers.forEach(prepare);
    return papers;
  });

const loadSummaries = (month) =>
  once(archive.summaries, month, async () => {
    const { summaries } = await fetchJson(`papers/${month}-summaries.json`);
    const texts = new Map();
    for (const [id, html] of Object.entries(summaries)) texts.set(id, fold(html.replace(/<[^>]*>/g, " ")));
    return { html: summaries, texts };
  });

/** Text as it is compared: no accents, no case, every dash or white space one space, so that GPT-4o finds "GPT 4o". */
const fold = (text) => text.normalize("NFKD").replace(/[\p{M}\p{Cf}]/gu, "").toLowerCase()
  .replaceAll("ς", "σ").replace(/[\s\p{Pd}\u2212]+/gu, " ");

/** Fields of a paper that are not searched: they have filters of their own. All other texts are. */
const FILTERED = new Set(["date", "type", "published", "categories", "topic", "also_in", "in_title", "cite"]);

function prepare(paper) {
  const texts = Object.keys(paper).filter((name) => !FILTERED.has(name)).flatMap((name) => paper[name])
    .filter((value) => typeof value === "string");
  paper.text = texts.map(fold).join("\n"); // no phrase crosses from one part into the next
  for (const topic of topicsOf(paper)) offer(form.elements.topic, topic);
  for (const category of paper.categories) offer(form.elements.category, category);
  for (const keyword of paper.keywords) offer(form.elements.keyword, keyword);
}

/** The one where it scores highest, then the others that it matches; none in archives without topics. */
const topicsOf = (paper) => [paper.topic, ...(paper.also_in ?? [])].filter(Boolean);

function offer(select, value) {
  const known = (select.known ??= new Set(Array.from(select.options, (option) => option.value)));
  if (!known.has(value)) {
    known.add(value);
    select.add(new Option(value, value));
    select.parentElement.hidden = false;
  }
}

const monthOf = (date) => date.slice(0, 7);
const allDays = () => archive.days ??= archive.months.flatMap(({ month, days }) =>
  days.map((day) => `${month}-${String(day).padStart(2, "0")}`));

// --- The query, and its place in the address ---------------------------------------------------------

const FIELDS = { q: "", topic: "", category: "", keyword: "", from: "", to: "", sort: "date", summaries: "" };
let query = { ...FIELDS, day: "" };

function readAddress() {
  const given = new URLSearchParams(location.search);
  for (const name of ["topic", "category", "keyword"]) if (given.get(name)) offer(form.elements[name], given.get(name));
  for (const [name, usual] of Object.entries(FIELDS)) {
    const field = form.elements[name];
    const value = (given.get(name) ?? usual).slice(0, MAX_QUERY_CHARS);
    if (field.type === "checkbox") field.checked = value === "1";
    else field.value = value;
  }
  query.day = given.get("day") ?? "";
  readForm();
}

function readForm() {
  for (const name of Object.keys(FIELDS)) {
    const field = form.elements[name];
    query[name] = field.type === "checkbox" ? (field.checked ? "1" : "") : field.value;
  }
  if (isSearch()) query.day = "";
}

function address() {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value && value !== FIELDS[name]) given.set(name, value);
  return String(given) ? `?${given}` : location.pathname;
}

const isSearch = () => ["q", "topic", "category", "keyword", "from", "to"].some((name) => query[name]);

/** "attention "key value" -survey" as words and phrases that must and must not occur. */
function parseTerms(text) {
  const terms = { wanted: [], unwanted: [] };
  for (const [, minus, phrase, word] of text.matchAll(/([-−–]?)(?:["“”„«]([^"“”„»]*)["“”»]?|(\S+))/g)) {
    const term = fold(phrase ?? withoutAddress(word)).trim();
    if (term) (minus ? terms.unwanted : terms.wanted).push(term);
  }
  return terms;
}

/** A pasted address or versioned id as the id alone, which is what the papers' data has. */
const withoutAddress = (word) => word
  .replace(/^(?:https?:\/\/(?:www\.|export\.)?arxiv\.org\/(?:abs|pdf|html)\/|arxiv:)/i, "")
  .replace(/^(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?\/\d{7})(?:v\d+)?(?:\.pdf)?$/i, "$1");

function matcher() {
  const { wanted, unwanted } = parseTerms(query.q);
  const keyword = query.keyword.toLowerCase();
  return (paper) => {
    if (query.topic && !topicsOf(paper).includes(query.topic)) return false;
    if (query.category && !paper.categories.includes(query.category)) return false;
    if (query.from && paper.date < query.from) return false;
    if (query.to && paper.date > query.to) return false;
    if (keyword && !paper.keywords.some((name) => name.toLowerCase() === keyword)) return false;
    const summary = (query.summaries && archive.summaries.get(monthOf(paper.date))?.value?.texts.get(paper.id)) || "";
    const found = (term) => paper.text.includes(term) || summary.includes(term);
    return wanted.every(found) && !unwanted.some(found);
  };
}

const byDate = (a, b) => (a.date === b.date ? a.rank - b.rank : a.date < b.date ? 1 : -1);
/** Of keywords and likeness together, as the digest ranks them. */
const points = (paper) => paper.score + (paper.likeness?.points ?? 0);
const byScore = (a, b) => points(b) - points(a) || byDate(a, b);

// --- Views ----------------------------------------------------------------------------------------------

let turn = 0; // an answer to an earlier question is dropped

function refresh() {
  const mine = ++turn;
  const view = isSearch() ? searchArchive : showDigest;
  view(() => mine === turn).catch((error) => mine === turn && showFailure(error));
}

async function showDigest(current) {
  const day = query.day || archive.today.date;
  if (!day) return showNothingYet();
  const { papers, total, shown: inFull } = day === archive.today.date ? archive.today : await digestOf(day);
  if (!current()) return;
  const sorted = papers.toSorted(query.sort === "score" ? byScore : byDate);
  const shown = sorted.filter((paper) => paper.shown);
  const related = sorted.filter((paper) => paper.related);
  const listed = sorted.filter((paper) => !paper.shown && !paper.related);
  showHeading(longDate(day), dayLinks(day));
  $("counts").textContent = total
    ? `${count(inFull, "paper")} in full${total > inFull ? `, ${count(total - inFull, "more")} by title` : ""}`
    : "There is no digest of this date.";
  drawPapers(shown, []);
  $("more").replaceChildren(
    ...nextPage(shown, []),
    ...folded(listed, "by title"),
    ...folded(related, "without your keywords, related by their words"),
    ...restOfToday(day, total - shown.length - listed.length));
}

async function digestOf(day) {
  const isThere = archive.months.some(({ month }) => month === monthOf(day));
  const papers = isThere ? (await loadMonth(monthOf(day))).filter((paper) => paper.date === day) : [];
  return { papers, total: papers.filter((paper) => !paper.related).length, shown: papers.filter((paper) => paper.shown).length };
}

function folded(papers, where) {
  if (!papers.length) return [];
  const fold = el("details", { className: "listed" }, el("summary", {}, `${count(papers.length, "more paper")} ${where}`));
  fold.addEventListener("toggle", () => fold.append(...papers.map((paper) => card(paper, []))), { once: true });
  return [fold];
}

function restOfToday(day, missing) {
  if (missing <= 0) return [];
  const load = async () => {
    archive.today = { ...archive.today, ...(await digestOf(day)) };
    refresh();
  };
  return [button(`Load ${count(missing, "more paper")} of this day`, () => load().catch(showFailure))];
}

async function searchArchive(current) {
  const months = archive.months.filter(({ month }) =>
    (!query.from || month >= monthOf(query.from)) && (!query.to || month <= monthOf(query.to)));
  const [within, beyond] = withinAllowance(months);
  const searched = () => within.filter(({ month }) => archive.loaded.get(month)?.value);
  const draw = () => current() && drawResults(searched(), within, beyond);
  draw();
  const waiting = within.filter((month) => !isReady(month));
  let lastDraw = performance.now();
  const next = async () => {
    for (let row; current() && (row = waiting.shift()); ) {
      await Promise.all([loadMonth(row.month), query.summaries && loadSummaries(row.month)]);
      if (performance.now() - lastDraw < 300) continue;
      draw();
      lastDraw = performance.now();
    }
  };
  if (waiting.length) {
    await Promise.all([next(), next(), next()]);
    draw();
  }
}

const isReady = ({ month }) =>
  archive.loaded.get(month)?.value && (!query.summaries || archive.summaries.get(month)?.value);

function withinAllowance(months) {
  let bytes = 0;
  const last = months.findIndex((row) => (bytes += row.bytes * (query.summaries ? SUMMARIES_WEIGHT : 1)) > archive.allowance);
  const cut = last < 0 ? months.length : Math.max(last, 1);
  return [months.slice(0, cut), months.slice(cut)];
}

function drawResults(searched, within, beyond) {
  const papers = searched.flatMap(({ month }) => archive.loaded.get(month).value);
  const found = papers.filter(matcher()).sort(query.sort === "score" ? byScore : byDate);
  const done = searched.length === within.length;
  showHeading(`${found.length ? count(found.length, "paper") : "No papers"} found`, []);
  const span = [...new Set([searched.at(-1)?.month, searched[0]?.month])].filter(Boolean).join(" to ");
  $("counts").textContent = done
    ? [`in ${count(papers.length, "paper")}`, span].filter(Boolean).join(", ")
    : `in ${count(papers.length, "paper")} so far: ${searched.length} of ${count(within.length, "month")} loaded`;
  const terms = parseTerms(query.q).wanted;
  drawPapers(found, terms);
  $("more").replaceChildren(...nextPage(found, terms), ...(done ? [...hint(found), ...olderMonths(beyond)] : []));
}

function hint(found) {
  if (found.length) return [];
  const more = query.summaries ? "" : " “Search in summaries too” looks into the summaries as well.";
  return [el("p", {}, `All words and filters must fit one paper: try fewer of them.${more}`)];
}

function nextPage(found, terms) {
  const left = found.length - drawn.ids.length;
  if (!left) return [];
  const show = button(`Show ${Math.min(PAGE, left)} more of ${number(found.length)}`, () => {
    const start = drawn.ids.length;
    extendPapers(found, start + PAGE, terms);
    $("papers").children[start].querySelector("a").focus();
    show.replaceWith(...nextPage(found, terms));
  });
  return [show];
}

function olderMonths(beyond) {
  if (!beyond.length) return [];
  const megabytes = Math.ceil(beyond.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6);
  return [button(`Search ${count(beyond.length, "older month")} too (${megabytes} MB)`, () => {
    archive.allowance = Infinity;
    refresh();
  })];
}

function showHeading(text, links) {
  $("heading").textContent = text;
  $("days").replaceChildren(...links);
  $("days").hidden = !links.length;
  document.title = `${text} · arXiv digest`;
}

function showNothingYet() {
  showHeading("No digest yet", []);
  clearPapers();
  $("more").replaceChildren();
  $("counts").textContent = "The first run with a matching paper fills this page.";
}

function showFailure(error) {
  const text = error instanceof TypeError ? "The archive could not be loaded: no connection." : `${error.message}.`;
  $("counts").textContent = "";
  clearPapers();
  $("more").replaceChildren(el("p", { className: "notice" }, text), button("Try again", start));
  console.warn(error);
}

function dayLinks(day) {
  const days = allDays();
  const later = days.filter((other) => other > day).at(-1);
  const earlier = days.find((other) => other < day);
  const link = (other, label) =>
    el("a", { href: other === days[0] ? location.pathname : `?day=${other}`, className: "day" }, label(shortDate(other)));
  return [earlier && link(earlier, (date) => `← ${date}`), later && link(later, (date) => `${date} →`)].filter(Boolean);
}

// --- A paper ---------------------------------------------------------------------------------------------

let drawn = { address: "", ids: [] };

/** Months that arrive in the background leave what is already there alone: an open summary, the focus. */
function drawPapers(found, terms) {
  const stays = drawn.address === address() && drawn.ids.every((id, place) => found[place]?.id === id);
  if (!stays) clearPapers();
  extendPapers(found, PAGE, terms);
}

function clearPapers() {
  drawn = { address: address(), ids: [] };
  $("papers").replaceChildren();
}

function extendPapers(found, end, terms) {
  const papers = found.slice(drawn.ids.length, end);
  drawn.ids.push(...papers.map(({ id }) => id));
  $("papers").append(...papers.map((paper) => card(paper, terms)));
  document.dispatchEvent(new Event("ZoteroItemUpdated", { bubbles: true, cancelable: true }));
}

function card(paper, terms) {
  const url = `https://arxiv.org/abs/${encodeURI(paper.id)}`;
  return el("article", { className: "paper" },
    el("h3", {}, outside(url, marked(paper.title, terms)), paper.withdrawn && el("span", { className: "flag" }, "withdrawn")),
    paper.tldr && el("p", { className: "tldr" }, ...marked(paper.tldr, terms)),
    el("p", { className: "authors" }, ...authors(paper, terms)),
    el("p", { className: "meta" },
      el("span", { className: "score", title: scoreText(paper) }, points(paper).toFixed(1)),
      ...topicsOf(paper).map((topic) => filterButton("topic", topic)),
      ...paper.categories.map((category) => filterButton("category", category)),
      paper.type === "cross" && el("span", {}, "cross-list"),
      paper.related && el("span", {}, "related, without your keywords"),
      (isSearch() || paper.date !== archive.today.date) && el("a", { href: `?day=${paper.date}`, className: "day" }, shortDate(paper.date)),
      el("span", { title: "Submitted" }, `submitted ${shortDate(paper.published.slice(0, 10))}`),
      outside(`https://arxiv.org/pdf/${encodeURI(paper.id)}`, ["PDF"]),
      el("span", { className: "id" }, `${paper.id}v${paper.version}`)),
    el("p", { className: "keywords" }, ...paper.keywords.map((keyword) =>
      filterButton("keyword", keyword, paper.in_title.includes(keyword) ? "in-title" : ""))),
    paper.comment && el("p", { className: "comment" }, ...marked(paper.comment, terms)),
    paper.abstract && abstract(paper, terms),
    paper.likeness?.words.length > 0 && likeness(paper.likeness),
    paper.summary && summary(paper),
    pickLinks(paper),
    el("span", { className: "Z3988", title: coins(paper, url) }));
}

/** The paper for the buttons of reference managers: https://www.zotero.org/support/dev/exposing_metadata */
function coins(paper, url) {
  return String(new URLSearchParams([
    ["ctx_ver", "Z39.88-2004"],
    ["rft_val_fmt", "info:ofi/fmt:kev:mtx:journal"],
    ["rft.genre", paper.journal_ref ? "article" : "preprint"],
    ["rft.atitle", paper.title],
    ["rft.jtitle", paper.journal_ref ?? `arXiv:${paper.id} [${paper.categories[0]}]`],
    ["rft.date", paper.published.slice(0, 10)],
    ...(paper.cite ?? paper.authors.map((name) => ["au", name])).map(([key, name]) => [`rft.${key}`, name]),
    ...(paper.doi ? [["rft_id", `info:doi/${paper.doi}`]] : []),
    ["rft_id", url],
  ]));
}

const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(1);

const scoreText = ({ score, likeness }) =>
  likeness ? `Score: keywords ${score}, ${signed(likeness.points)} like ${likeness.basis}` : "Score";

const likeness = ({ basis, points, words }) => el("details", { className: "summary" },
  el("summary", {}, `${signed(points)} like ${basis}`),
  el("p", {}, words.map(([word, value]) => `${word} ${signed(value)}`).join(", ")));

/** Links to GitHub's forms: two clicks star a paper, or take that back. */
function pickLinks({ id }) {
  const { new: form, delete: removal, picks = {} } = archive.picks ?? {};
  const file = id.replace("/", "_"), kind = picks[id];
  const links = kind ? [kind === "star" ? "★ Starred" : "Not for you", removal && outside(`${removal}${file}`, ["Take it back"])]
    : form ? [outside(`${form}${file}&value=star%0A`, ["☆ Star"]), outside(`${form}${file}&value=skip%0A`, ["Not for me"])] : [];
  return links.length > 0 && el("p", { className: "meta" }, ...links.filter(Boolean));
}

function authors(paper, terms) {
  const few = paper.authors.slice(0, 8);
  const found = paper.authors.slice(8).filter((name) => terms.some((term) => fold(name).includes(term)));
  const hidden = paper.authors.length - few.length - found.length;
  return [...marked([...few, ...found].join(", "), terms), hidden > 0 && ` and ${count(hidden, "other")}`];
}

function abstract(paper, terms) {
  const text = el("div", { className: "abstract" },
    ...paper.abstract.split("\n").map((line) => el("p", {}, ...marked(line, terms))));
  if (paper.abstract.length < SHORT_ABSTRACT) return text;
  text.classList.add("clamped");
  const toggle = button("Whole abstract", () => {
    const clamped = text.classList.toggle("clamped");
    toggle.setAttribute("aria-expanded", String(!clamped));
    toggle.textContent = clamped ? "Whole abstract" : "Shorter";
  });
  toggle.classList.add("link", "toggle");
  toggle.setAttribute("aria-expanded", "false");
  return el("div", {}, text, toggle);
}

function summary(paper) {
  const about = paper.summary;
  if (about.reason) return el("p", { className: "reason" }, `No summary: ${about.reason}`);
  const body = el("div", { className: "summary-text" });
  const fold = el("details", { className: "summary" },
    el("summary", {}, el("b", {}, "Summary"), ` ${facts(paper).join(" · ")}`),
    about.hidden_text && el("p", { className: "notice" }, `The PDF hides text from human readers: “${about.hidden_text}”`),
    about.figures_warning && el("p", { className: "notice" }, `Attention: ${about.figures_warning}.`),
    body);
  fold.addEventListener("toggle", () => fold.open && !body.hasChildNodes() && fill(body, paper));
  return fold;
}

const READ_FROM = { file: "from the PDF", text: "from the PDF’s text", abstract: "from the abstract only" };

function facts(paper) {
  const { model, source, version, partial, cut_short, figure_check } = paper.summary;
  return [
    model && `by ${model}`,
    READ_FROM[source],
    partial && "only its beginning and end were read",
    version && version !== paper.version && `of version ${version}`,
    figure_check,
    cut_short && "incomplete: the answer was cut off",
  ].filter(Boolean);
}

async function fill(body, paper) {
  try {
    const html = archive.today.summaries[paper.id] ?? (await loadSummaries(monthOf(paper.date))).html[paper.id];
    body.replaceChildren(...rebuilt(html ?? ""));
  } catch (error) {
    body.replaceChildren(el("p", { className: "notice" }, `${error.message}.`));
    console.warn(error);
  }
}

const ALLOWED = new Set("p br ul ol li strong em del ins code pre blockquote table thead tbody tr th td h4 h5 h6 a sup".split(" "));
const policy = window.trustedTypes?.createPolicy("summary", { createHTML: (html) => html }) ?? { createHTML: (html) => html };

/** The nodes of a summary, made anew from the elements of the list above and the few attributes they need. */
function rebuilt(html) {
  const copy = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return [document.createTextNode(node.data)];
    if (node.nodeType !== Node.ELEMENT_NODE) return [];
    const name = node.localName;
    if (!ALLOWED.has(name)) return [document.createTextNode(node.textContent)];
    const children = Array.from(node.childNodes).flatMap(copy);
    if (name === "a") return /^https?:\/\//i.test(node.getAttribute("href") ?? "") ? [outside(node.href, children)] : children;
    const kept = { ol: { start: node.start }, td: { align: node.align }, th: { align: node.align } };
    return [el(name, kept[name] ?? {}, ...children)];
  };
  // A parsed document is inert: no script runs in it and nothing is fetched.
  const parsed = new DOMParser().parseFromString(policy.createHTML(html), "text/html");
  return Array.from(parsed.body.childNodes).flatMap(copy);
}

// --- Small parts --------------------------------------------------------------------------------------------

function el(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children.filter(Boolean));
  return node;
}

const outside = (href, children) => el("a", { href, rel: "noopener noreferrer" }, ...children);

function button(label, act) {
  const made = el("button", { type: "button" }, label);
  made.addEventListener("click", act);
  return made;
}

function filterButton(name, value, className = "") {
  const made = button(value, () => {
    offer(form.elements[name], value);
    form.elements[name].value = query[name] === value ? "" : value;
    $("filters").open = true;
    changed("push");
    scrollTo(0, 0);
  });
  made.className = `chip ${name} ${className}`;
  made.title = `All papers with ${value}`;
  made.setAttribute("aria-pressed", String(query[name] === value));
  return made;
}

const foldedLetters = new Map();

function foldLetter(letter) {
  if (!foldedLetters.has(letter)) foldedLetters.set(letter, fold(letter));
  return foldedLetters.get(letter);
}

/** The text folded, and for each of its letters where the original one begins: folding changes lengths. */
function foldWithPlaces(text) {
  let folded = "";
  let place = 0;
  const places = [];
  for (const letter of text) {
    const part = folded.endsWith(" ") ? foldLetter(letter).replace(/^ /, "") : foldLetter(letter);
    for (let index = 0; index < part.length; index++) places.push(place);
    folded += part;
    place += letter.length;
  }
  return { folded, places };
}

function marked(text, terms) {
  if (!terms.length) return [text];
  const { folded, places } = foldWithPlaces(text);
  const isMarked = new Uint8Array(text.length);
  for (const term of terms) {
    for (let at = folded.indexOf(term); at >= 0; at = folded.indexOf(term, at + term.length)) {
      const last = places[at + term.length - 1];
      let next = at + term.length;
      while (places[next] === last) next++; // one letter may fold into several
      isMarked.fill(1, places[at], places[next] ?? text.length);
    }
  }
  const parts = [];
  for (let start = 0, end; start < text.length; start = end) {
    end = isMarked.indexOf(1 - isMarked[start], start);
    if (end < 0) end = text.length;
    const part = text.slice(start, end);
    parts.push(isMarked[start] ? el("mark", {}, part) : part);
  }
  return parts;
}

const number = (value) => value.toLocaleString("en");
const count = (value, noun) => `${number(value)} ${noun}${value === 1 || noun === "more" ? "" : "s"}`;
const dateFormat = (options) => {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
  return (date) => (Number.isNaN(Date.parse(date)) ? date : format.format(new Date(date)));
};
const longDate = dateFormat({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const shortDate = dateFormat({ day: "numeric", month: "short", year: "numeric" });
const localTime = (instant) => new Date(instant).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });

// --- What the bot says about itself ---------------------------------------------------------------------------

function showStatus(status) {
  const notices = (status.reasons ?? []).map(({ text }) => text);
  const late = status.next_run && Date.now() - Date.parse(status.next_run) > OVERDUE_HOURS * 3600e3;
  if (late) notices.push(`The last run was on ${localTime(status.last_run)}; the next was due on ${localTime(status.next_run)}.`);
  if (status.last_run_date > status.last_digest)
    notices.push(`No new paper since ${longDate(status.last_digest)}.`);
  $("notices").replaceChildren(...notices.map((text) => el("p", { className: "notice" }, text)));
  if (!status.last_run) return;
  $("status").textContent = [
    `Last run ${localTime(status.last_run)}`,
    status.last_announcement && `arXiv’s announcements to ${shortDate(status.last_announcement)}`,
    `${count(status.counts.fetched, "paper")} looked at`,
    `${number(status.counts.matching)} matching`,
    status.next_run && `next run ${localTime(status.next_run)}`,
  ].filter(Boolean).join(" · ");
}

// --- Events -----------------------------------------------------------------------------------------------------

let pending = 0;

function changed(how) {
  const before = address();
  readForm();
  if (address() === before) return;
  history[how === "push" ? "pushState" : "replaceState"](null, "", address());
  refresh();
}

for (const kind of ["input", "change"]) {
  form.addEventListener(kind, () => {
    clearTimeout(pending);
    pending = setTimeout(changed, 60);
  });
}
form.addEventListener("reset", () => setTimeout(changed));
form.addEventListener("submit", (event) => event.preventDefault());

document.addEventListener("click", (event) => {
  const link = event.target.closest("a.day, #home");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  moved();
  scrollTo(0, 0);
});

addEventListener("popstate", moved);

function moved() {
  readAddress();
  refresh();
}

function step(offset) {
  const papers = Array.from(document.querySelectorAll(".paper"));
  const here = papers.indexOf(document.activeElement.closest(".paper"));
  const next = papers[here < 0 ? 0 : Math.min(Math.max(here + offset, 0), papers.length - 1)];
  next?.querySelector("a").focus({ preventScroll: true });
  next?.scrollIntoView({ block: "start" });
}

const press = (selector) => document.activeElement.closest(".paper")?.querySelector(selector)?.click();
const KEYS = {
  "/": () => form.elements.q.select(),
  j: () => step(1),
  k: () => step(-1),
  a: () => press(".toggle"),
  s: () => press(".summary > summary"),
  Escape: () => { form.reset(); document.activeElement.blur(); },
};

addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, select, textarea");
  if (event.ctrlKey || event.metaKey || event.altKey || (typing && event.key !== "Escape") || !Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});

async function start() {
  try {
    const [index, today, picks] = await Promise.all(
      [fetchJson("papers.json"), fetchJson("today.json"), fetchJson("picks.json").catch(() => null)]);
    archive.picks = picks;
    archive.months = index.months;
    archive.today = today;
    today.papers.forEach(prepare);
    const days = allDays();
    for (const name of ["from", "to"]) Object.assign(form.elements[name], { min: days.at(-1) ?? "", max: days[0] ?? "" });
    $("filters").open = isSearch() || matchMedia("(min-width: 45rem)").matches;
    refresh();
    fetchJson("status.json").then(showStatus).catch((error) => ($("status").textContent = `${error.message}.`));
  } catch (error) {
    showFailure(error);
  }
}

readAddress();
start();
