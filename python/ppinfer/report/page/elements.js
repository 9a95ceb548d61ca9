// Elements of the page. Texts of records get in by textContent alone, so that none is ever read as HTML.

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

function counted(count, noun) { return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`; }

function scoreText(score) {
  if (Number.isNaN(score)) return "–";
  return Math.abs(score) < 100 ? score.toFixed(3) : score.toPrecision(4);
}

function thumbnail(records, row) {
  const picture = records.thumbnails[row];
  if (picture) return element("img", { src: `data:image/webp;base64,${picture}`, alt: "", loading: "lazy", decoding: "async" });
  const problem = records.thumbnailProblems[row];
  if (problem) return element("span", { className: "no-thumbnail broken", title: `no thumbnail: ${problem}` }, "!");
  const bad = records.isError(row);
  return element("span", { className: `no-thumbnail${bad ? " bad" : ""}`, title: bad ? "a bad image" : "not among the thumbnails" },
    bad ? "×" : "");
}

function scoreBar(records, row, score) {
  const [low, high] = [records.binEdges[0], records.binEdges.at(-1)];
  const bar = element("span", { className: "bar", "aria-hidden": "true" }, element("span"));
  bar.firstChild.style.width = `${Math.max(0, Math.min(100, (100 * (score - low)) / (high - low)))}%`;
  return bar;
}

// One stop of the Tab key for a group; arrow keys, Home and End go through it.
function roving(group, selector) {
  const items = () => [...group.querySelectorAll(selector)].filter((item) => !item.disabled);
  const hold = (held) => items().forEach((item) => { item.tabIndex = item === held ? 0 : -1; });
  const columns = (all) => all.findIndex((item) => item.offsetTop !== all[0].offsetTop);
  hold(items()[0]);
  group.addEventListener("focusin", (event) => { if (event.target.matches(selector)) hold(event.target); });
  group.addEventListener("keydown", (event) => {
    const all = items(), place = all.indexOf(event.target);
    if (place < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    const across = Math.max(1, columns(all));
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across, Home: -place, End: all.length - 1 - place };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const target = all[Math.max(0, Math.min(all.length - 1, place + steps[event.key]))];
    target.focus();
    target.scrollIntoView({ block: "nearest" });
  });
}
