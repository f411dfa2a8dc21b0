"use strict";
// What comes from rows is put on the page by textContent and by attributes that take no script, never as HTML.
(() => {
  const KINDS = ["reasoning", "error", "reflection", "correction", "plain"];
  const NAMES = ["Reasoning", "Error", "Reflection", "Correction", "Output"];
  const MOST_OPTIONS = 100, BEYOND = 6;
  const at = (id) => document.getElementById(id);
  const list = at("list"), detail = at("detail"), query = at("query");
  const narrow = matchMedia("(max-width: 56rem)");

  let rows = [], facets = [], weights = [], ids = new Map();
  let texts = [];                       // lower case, to search in
  let hits = [];                        // the rows that match, in order
  let chosen = -1, wanted = "";         // a row, and the id that the address asks for
  let filters = [], words = [], drawn = new Map(), height = 0, scrolled = 0;

  const make = (tag, props = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(props)) {
      if (name === "text") node.textContent = value;
      else if (name === "class") node.className = value;
      else if (value !== null) node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  };
  const number = (value) => value.toLocaleString("en");

  // ---- reading the data

  async function read() {
    const coded = atob(at("data").textContent), bytes = new Uint8Array(coded.length);
    for (let i = 0; i < coded.length; i++) bytes[i] = coded.charCodeAt(i);
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(plain).json();
  }

  const asRow = ([id, question, spans, errors, verdict, reference, solution, more, codes, prompt]) =>
    ({ id, question, spans, errors, verdict, reference, solution, more, codes, prompt });

  const haystack = (row) => [
    row.id, row.question, row.spans.map((span) => span[1]).join(""), row.verdict ? row.verdict[1] : "", row.reference,
  ].join("\n").toLowerCase();

  async function open() {
    const data = await read();
    rows = data.rows.map(asRow);
    weights = [...data.weights, null];
    facets = data.facets;
    filters = facets.map(() => -1);
    ids = new Map(rows.map((row, i) => [row.id, i]));
    texts = rows.map(haystack);
    showLegend();
    makeFilters();
    showLeftOut(data);
    measure();
    readAddress();
  }

  // ---- the frame

  function showLegend() {
    const known = rows.some((row) => row.spans.some((span) => span[0] === 4)) ? [0, 1, 2, 3, 4] : [0, 1, 2, 3];
    at("legend").replaceChildren(...known.map((kind) =>
      make("li", { class: KINDS[kind], text: NAMES[kind] + weightText(kind, " · weight ") })));
  }

  const weightText = (kind, before) => (weights[kind] === null ? "" : before + weights[kind]);
  const masked = (kind) => (weights[kind] === 0 ? " masked" : "");

  function makeFilters() {
    const box = at("facets");
    facets.forEach((facet, f) => {
      const select = make("select", { id: `facet-${f}` });
      select.append(make("option", { value: "-1" }));
      for (const value of common(f)) select.append(make("option", { value }));
      select.addEventListener("change", () => { filters[f] = Number(select.value); apply(); });
      box.append(make("div", { class: "field" }, make("label", { for: select.id, text: facet.name + few(facet) }), select));
    });
    at("filters").hidden = !facets.length;
    at("filters").open = !narrow.matches;
    narrow.addEventListener("change", () => { at("filters").open = !narrow.matches; measure(); show(); });
  }

  const few = (facet) => (facet.values.length > MOST_OPTIONS ? ` (${MOST_OPTIONS} most frequent)` : "");

  // The values of a filter in the order of the data, but only the most frequent ones where there are very many.
  function common(f) {
    const all = facets[f].values.map((_, value) => value);
    if (all.length <= MOST_OPTIONS) return all;
    const counts = new Array(all.length).fill(0);
    for (const row of rows) for (const value of row.codes[f]) counts[value]++;
    return all.sort((a, b) => counts[b] - counts[a] || a - b).slice(0, MOST_OPTIONS).sort((a, b) => a - b);
  }

  function showLeftOut({ left_out: count, dropped }) {
    if (!count) return;
    const box = at("left-out");
    box.hidden = false;
    const which = dropped.length < count ? `, the first ${dropped.length} of them` : "";
    box.querySelector("summary").textContent =
      `${number(count)} ${count === 1 ? "row" : "rows"} could not be shown${which}`;
    box.querySelector("ul").append(...dropped.map(([id, why]) => make("li", { text: `${id}: ${why}` })));
  }

  // ---- which rows

  function wordsOf(text) {
    const found = [...text.toLowerCase().matchAll(/"([^"]+)"|“([^”]+)”|(\S+)/g)].map((m) => m[1] || m[2] || m[3]);
    return found.filter((word) => word.replace(/["“”]/g, ""));
  }

  function find() {
    const counts = facets.map((facet) => ({ all: 0, of: new Array(facet.values.length).fill(0) }));
    const count = (f, row) => { counts[f].all++; for (const value of row.codes[f]) counts[f].of[value]++; };
    hits = [];
    for (let i = 0; i < rows.length; i++) {
      if (!words.every((word) => texts[i].includes(word))) continue;
      const row = rows[i];
      const against = filters.flatMap((value, f) => (value < 0 || row.codes[f].includes(value) ? [] : [f]));
      if (against.length === 0) { hits.push(i); facets.forEach((_, f) => count(f, row)); }
      else if (against.length === 1) count(against[0], row);  // what this filter would show if it were set otherwise
    }
    return counts;
  }

  function apply(keep = false) {
    words = wordsOf(query.value);
    showFilters(find());
    const active = filters.filter((value) => value >= 0).length;
    at("count").textContent = hits.length === rows.length
      ? `${number(rows.length)} ${rows.length === 1 ? "row" : "rows"}` : `${number(hits.length)} of ${number(rows.length)} rows`;
    at("active").textContent = active ? ` (${active} set)` : "";
    at("clear").hidden = !active && !query.value;
    at("nothing").hidden = hits.length > 0;
    if (!keep && !narrow.matches && !hits.includes(chosen)) { chosen = hits.length ? hits[0] : -1; wanted = ""; }
    if (!keep) writeAddress();
    list.style.height = `${hits.length * height}px`;
    redraw();
    show();
  }

  function showFilters(counts) {
    facets.forEach((facet, f) => {
      const select = at(`facet-${f}`);
      for (const option of select.options) {
        const value = Number(option.value);
        option.textContent = value < 0 ? `any (${number(counts[f].all)})` : `${facet.values[value]} (${number(counts[f].of[value])})`;
      }
      if (filters[f] >= 0 && ![...select.options].some((option) => Number(option.value) === filters[f])) {
        select.append(make("option", { value: filters[f], text: facet.values[filters[f]] }));
      }
      select.value = String(filters[f]);
      select.classList.toggle("set", filters[f] >= 0);
    });
  }

  // ---- the list: only the rows near the window are in the page

  function measure() {
    const root = getComputedStyle(document.documentElement);
    height = parseFloat(root.getPropertyValue("--row")) * parseFloat(root.fontSize);
    list.style.height = `${hits.length * height}px`;
    redraw();
  }

  function redraw() {
    const focused = list.contains(document.activeElement);
    drawn.forEach((node) => node.remove());
    drawn.clear();
    draw();
    if (focused) drawn.get(hits.indexOf(chosen))?.firstChild.focus({ preventScroll: true });
  }

  function draw() {
    const top = list.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(-top / height) - BEYOND);
    const last = Math.min(hits.length, Math.ceil((innerHeight - top) / height) + BEYOND);
    for (const [place, node] of drawn) {
      // the row in focus stays, or the focus would be lost with it
      if ((place < first || place >= last) && !node.contains(document.activeElement)) { node.remove(); drawn.delete(place); }
    }
    for (let place = first; place < last; place++) if (!drawn.has(place)) insert(place);
  }

  function insert(place) {
    const node = rowNode(hits[place], place);
    // in the order of the list, for those who read it without seeing it
    const after = [...drawn.keys()].filter((other) => other > place);
    list.insertBefore(node, after.length ? drawn.get(Math.min(...after)) : null);
    drawn.set(place, node);
  }

  function rowNode(i, place) {
    const row = rows[i];
    const link = make("a", { href: address(row.id), "aria-current": i === chosen ? "true" : null },
      make("span", { class: "id", text: row.id }), verdictNode(row),
      make("span", { class: "asks", text: (row.question || row.spans[0][1]).slice(0, 160) }), strip(row),
      make("span", { class: "tags", text: tags(row) }));
    const node = make("li", { "aria-setsize": hits.length, "aria-posinset": place + 1 }, link);
    node.style.transform = `translateY(${place * height}px)`;
    return node;
  }

  const verdictNode = (row) => row.verdict
    ? make("span", { class: `verdict ${row.verdict[0].replaceAll(" ", "-")}`, text: verdictSign(row.verdict[0]) })
    : make("span");
  const verdictSign = (outcome) => ({ right: "✓ right", wrong: "✗ wrong" })[outcome] || outcome;

  function strip(row) {
    const total = row.spans.reduce((sum, span) => sum + span[1].length, 0) || 1;
    const box = make("span", { class: "strip", "aria-hidden": "true" });
    for (const [kind, text] of row.spans.slice(0, 60)) {
      const part = make("i", { class: KINDS[kind] + masked(kind) });
      part.style.width = `${(100 * text.length) / total}%`;
      box.append(part);
    }
    return box;
  }

  function tags(row) {
    const errors = row.errors.map(([, type, strategy]) => [type || "unknown type", strategy].filter(Boolean).join(", "));
    if (errors.length) return errors.join(" · ");
    return row.spans.some((span) => span[0] === 2) ? "turns on a mistake" : "no reflection found";
  }

  // ---- one row

  function show() {
    const row = rows[chosen];
    document.body.dataset.view = wanted && narrow.matches ? "row" : "list";
    for (const [place, node] of drawn) {
      const link = node.firstChild;
      if (hits[place] === chosen) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    }
    if (!row) {
      const why = wanted ? `No row is called ${wanted}.` : "";
      detail.replaceChildren(...(why ? [bar(make("h2", { id: "row-title", tabindex: -1, text: why }))] : []));
      return;
    }
    detail.replaceChildren(...[
      bar(make("h2", { id: "row-title", tabindex: -1, class: "id", text: row.id })), facts(row),
      row.question && make("h3", { text: "Problem" }),
      row.question && make("blockquote", { class: "text" }, ...marked(row.question)),
      make("h3", { text: row.spans.some((span) => span[0] < 4) ? "Spans" : "Output" }), spans(row),
      row.solution && folded("Reference solution", row.solution),
      row.prompt && folded("Prompt, exactly", row.prompt),
    ].filter(Boolean));
    detail.scrollTop = 0;
  }

  const folded = (name, text) => make("details", {}, make("summary", { text: name }), make("div", { class: "text", text }));

  function bar(title) {
    const place = hits.indexOf(chosen);
    const back = make("a", { class: "button back", href: address(""), text: "← All rows" });
    const step = (name, by) => {
      const button = make("button", { type: "button", "aria-label": `${name} row`, text: by < 0 ? "↑" : "↓" });
      button.disabled = !hits.length || (place >= 0 && (place + by < 0 || place + by >= hits.length));
      button.addEventListener("click", () => { go(by, false); again(name); });
      return button;
    };
    const where = make("span", { class: "quiet", text: place < 0 ? "" : `${number(place + 1)} / ${number(hits.length)}` });
    return make("div", { class: "bar" }, title, back, where, step("Previous", -1), step("Next", 1));
  }

  // the button that was pressed is a new one now
  const again = (name) => {
    const button = detail.querySelector(`[aria-label="${name} row"]`);
    (button && !button.disabled ? button : at("row-title") || detail).focus();
  };

  function facts(row) {
    const pairs = [];
    if (row.verdict) {
      const [outcome, extracted, rule, why] = row.verdict;
      const [found, decided] = rule.split(">");
      pairs.push(["Verdict", verdictNode(row)], ["reads", outcome === "no answer" && !extracted ? "nothing" : extracted]);
      pairs.push(["reference", row.reference], ["found by", found], ["decided by", decided], ["because", why]);
    } else pairs.push(["reference", row.reference]);
    for (const [step, type, strategy, origin] of row.errors) {
      pairs.push([`error in step ${step}`, [type || "unknown type", strategy, origin].filter(Boolean).join(", ")]);
    }
    pairs.push(...row.more);
    return make("dl", { class: "facts" }, ...pairs.filter(([, value]) => value).map(([name, value]) =>
      make("div", {}, make("dt", { text: name }), make("dd", {}, ...(typeof value === "string" ? marked(value) : [value])))));
  }

  function spans(row) {
    let errors = 0;
    return make("ol", { class: "spans", role: "list" }, ...row.spans.map(([kind, text]) => {
      const error = kind === 1 ? row.errors[errors++] : null;
      return make("li", { class: KINDS[kind] + masked(kind) },
        make("div", { class: "kind" }, make("span", { text: NAMES[kind] }),
          ...(weights[kind] === null ? [] : [make("span", { class: "weight", text: `weight ${weights[kind]}` })]),
          ...(error ? [make("span", { class: "weight", text: error[1] || "unknown type" })] : [])),
        make("div", { class: "text" }, ...marked(text.replace(/^\n+|\n+$/g, ""))));
    }));
  }

  function marked(text) {
    if (!words.length) return [text];
    const pattern = words.map((word) => word.replace(/[.*+?^${}()|[\]\\\/-]/g, "\\$&")).join("|");
    return text.split(new RegExp(`(${pattern})`, "i")).map((part, i) => (i % 2 ? make("mark", { text: part }) : part));
  }

  // ---- moving about

  function go(by, focus = true) {
    if (!hits.length) return;
    const place = hits.indexOf(chosen);
    choose(Math.min(hits.length - 1, Math.max(0, place < 0 ? 0 : place + by)), focus);
  }

  function choose(place, focus) {
    chosen = hits[place];
    wanted = rows[chosen].id;
    writeAddress();
    reveal(place);
    show();
    if (focus && drawn.has(place)) drawn.get(place).firstChild.focus({ preventScroll: true });
  }

  function reveal(place) {
    if (document.body.dataset.view === "row") return;
    const top = list.getBoundingClientRect().top + place * height;
    if (top < 8) scrollBy(0, top - 8);
    else if (top + height > innerHeight) scrollBy(0, top + height - innerHeight + 8);
    draw();
  }

  const escapeId = (id) => encodeURIComponent(id).replaceAll("%2F", "/");

  // The address is #id, and behind a question mark the search and the filters, if there are any.
  function address(id) {
    const state = new URLSearchParams();
    if (query.value) state.set("q", query.value);
    facets.forEach((facet, f) => { if (filters[f] >= 0) state.set(facet.name, facet.values[filters[f]]); });
    return `#${escapeId(id)}${`${state}` ? `?${state}` : ""}`;
  }

  const writeAddress = () => history.replaceState(null, "", address(wanted));

  function readAddress() {
    const [id, state = ""] = location.hash.slice(1).split("?", 2);
    const given = new URLSearchParams(state);
    query.value = given.get("q") || "";
    filters = facets.map((facet) => (given.has(facet.name) ? facet.values.indexOf(given.get(facet.name)) : -1));
    try { wanted = decodeURIComponent(id); } catch { wanted = id; }
    const before = document.body.dataset.view;
    chosen = wanted ? ids.get(wanted) ?? -1 : chosen;
    apply(true);
    if (!wanted && !narrow.matches && !hits.includes(chosen)) { chosen = hits.length ? hits[0] : -1; show(); }
    settle(before);
  }

  function settle(before) {
    const view = document.body.dataset.view, place = hits.indexOf(chosen);
    if (view === "row") { if (before === "list") { scrollTo(0, 0); at("row-title").focus(); } return; }
    if (before === "row") scrollTo(0, scrolled);
    draw();
    if (place >= 0 && (wanted || before === "row")) reveal(place);
    if (before === "row" && drawn.has(place)) drawn.get(place).firstChild.focus({ preventScroll: true });
  }

  function clear() {
    query.value = "";
    filters.fill(-1);
    apply();
    query.focus();
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || at("help").open) return;
    const { target, key } = event;
    if (key === "Escape") { escape(target); return; }
    if (target.closest("input, select, textarea")) return;
    const reading = detail.contains(target) && target !== document.body;
    const action = { ArrowDown: () => go(1), ArrowUp: () => go(-1) }[key];
    if (action && !reading && !event.shiftKey) { event.preventDefault(); action(); return; }
    if (key === "Enter" && target.closest("#list") && !narrow.matches) { setTimeout(() => at("row-title")?.focus()); return; }
    const single = { j: () => go(1, !reading), k: () => go(-1, !reading), g: () => choose(0, true),
      G: () => choose(hits.length - 1, true), "/": () => query.focus(), "?": help }[key];
    if (!single || !at("keys").checked || (!hits.length && "jkgG".includes(key))) return;
    event.preventDefault();
    if (key === "/" && document.body.dataset.view === "row") return;
    single();
    if (reading && "jk".includes(key)) (at("row-title") || detail).focus();
  }

  function escape(target) {
    if (target === query && query.value) { query.value = ""; apply(); return; }
    if (document.body.dataset.view === "row") { location.hash = address(""); return; }
    const place = hits.indexOf(chosen);
    if (place >= 0) { reveal(place); drawn.get(place)?.firstChild.focus({ preventScroll: true }); } else target.blur();
  }

  const help = () => at("help").showModal();

  let waiting = 0;
  query.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 40); });
  at("clear").addEventListener("click", clear);
  at("ask").addEventListener("click", help);
  at("skip").addEventListener("click", (event) => { event.preventDefault(); (at("row-title") || detail).focus(); });
  document.addEventListener("keydown", onKey);
  addEventListener("hashchange", readAddress);
  addEventListener("resize", () => { measure(); });
  let frame = 0;
  addEventListener("scroll", () => {
    if (document.body.dataset.view === "list") scrolled = scrollY;
    if (!frame) frame = requestAnimationFrame(() => { frame = 0; draw(); });
  }, { passive: true });
  history.scrollRestoration = "manual";

  // after the first paint: the frame stands while the rows are unpacked
  requestAnimationFrame(() => setTimeout(() => open().catch((error) => {
    at("count").textContent = `The rows could not be opened: ${error.message}. This needs a browser of 2023 or later.`;
    throw error;
  })));
})();
