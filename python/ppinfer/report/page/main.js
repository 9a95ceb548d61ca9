// Puts the page together: theme, filters, keys, print.

const chosen = { view: "all", layout: "list", search: "", bin: null, name: null, stage: null };
const PRINTED_ROWS = 100;
const RUN_ORDER = "0 asc", LOWEST_FIRST = "4 asc";  // of LIST_COLUMNS

function setUpTheme() {
  const select = document.getElementById("theme");
  const apply = (theme) => { document.documentElement.dataset.theme = select.value = theme; };
  let stored = null;
  try { stored = localStorage.getItem("ppinfer-theme"); } catch { /* pages of files may have no storage */ }
  apply(["light", "dark"].includes(stored) ? stored : "auto");
  select.addEventListener("change", () => {
    apply(select.value);
    try { localStorage.setItem("ppinfer-theme", select.value); } catch { /* then it holds for this visit */ }
  });
}

function matcher(records) {
  const tests = [];
  if (chosen.view === "errors") tests.push((row) => records.isError(row));
  if (chosen.view === "low") tests.push((row) => records.isLow(row));
  if (chosen.bin !== null) tests.push((row) => records.bin(row) === chosen.bin);
  if (chosen.name !== null) tests.push((row) => records.answerCount(row) > 0 && records.nameIndex(row, 0) === chosen.name);
  if (chosen.stage !== null) tests.push((row) => records.stage(row) === chosen.stage);
  if (chosen.search) tests.push(records.matcher(chosen.search));
  return (row) => tests.every((test) => test(row));
}

function emptyText(setup) {
  const filtered = chosen.search || [chosen.bin, chosen.name, chosen.stage].some((filter) => filter !== null);
  if (chosen.view === "errors" && !setup.errors) return "No errors: every image was classified.";
  if (chosen.view === "low" && !filtered) return `No image has a best score below ${Number(setup.lowConfidence.toPrecision(6))}.`;
  return "No image is like that.";
}

class Page {
  constructor(records, setup) {
    this.records = records;
    this.setup = setup;
    const open = (row) => this.details.open(row);
    this.list = new List(records, open);
    this.gallery = new Gallery(records, open);
    this.details = new Details(records, this.list);
    this.details.onClose = (row) => this.closed(row);
    this.search = document.getElementById("search");
    this.setUpSort();
    this.setUpChoices();
    this.setUpSearch();
    document.addEventListener("keydown", (event) => this.onKey(event));
    addEventListener("beforeprint", () => this.fillPrinted());
    this.say();
  }

  update() {
    this.list.filter(matcher(this.records), emptyText(this.setup));
    this.press("[data-view]", (button) => button.dataset.view === chosen.view);
    this.press("[data-layout]", (button) => button.dataset.layout === chosen.layout);
    this.press("[data-bin]", (button) => Number(button.dataset.bin) === chosen.bin);
    this.press("[data-name]", (button) => Number(button.dataset.name) === chosen.name);
    this.press("[data-stage]", (button) => button.dataset.stage === chosen.stage);
    this.showLayout();
    this.say();
  }

  press(selector, isPressed) {
    for (const button of document.querySelectorAll(`button${selector}`)) button.setAttribute("aria-pressed", isPressed(button));
  }

  showLayout() {
    const gallery = chosen.layout === "gallery";
    document.getElementById("list").hidden = gallery;
    document.getElementById("gallery").hidden = !gallery;
    if (gallery) this.gallery.show(this.list.shown, emptyText(this.setup));
    else if (this.layoutShown === "gallery") this.list.table.scroller.measure(true);
    this.layoutShown = chosen.layout;
  }

  say() {
    const { shown } = this.list, pictured = shown.filter((row) => this.records.thumbnails[row]).length;
    const all = this.setup.images;
    let text = shown.length === all ? counted(all, "image") : `${shown.length.toLocaleString("en")} of ${counted(all, "image")}`;
    if (shown.length) text += pictured === shown.length ? ", all with thumbnails" : `, thumbnails of ${pictured.toLocaleString("en")} of ${shown.length.toLocaleString("en")}`;
    if (chosen.layout === "gallery" && pictured && pictured < shown.length) text += ", which are those below";
    document.getElementById("status").textContent = text;
    document.getElementById("filters").replaceChildren(...this.chips());
  }

  chips() {
    const edges = this.records.binEdges;
    const texts = {
      bin: (bin) => `confidence ${edges[bin].toFixed(2)} to ${edges[bin + 1].toFixed(2)}`,
      name: (name) => this.records.label(name),
      stage: (stage) => `errors of ${stage}`,
    };
    return Object.entries(texts).filter(([key]) => chosen[key] !== null).map(([key, textOf]) => {
      const text = textOf(chosen[key]);
      const chip = element("button", { type: "button", className: "chip", "aria-label": `${text}: take this filter off` }, `${text} ×`);
      chip.addEventListener("click", () => { chosen[key] = null; this.update(); this.search.focus(); });
      return chip;
    });
  }

  setUpSort() {
    const select = document.getElementById("sort");
    LIST_COLUMNS.forEach((column, place) => {
      if (column.sort && (column.title !== "confidence" || this.setup.hasScores)) select.append(new Option(column.name, `${place} asc`));
      if (column.title === "confidence" && this.setup.hasScores) select.append(new Option("by confidence, highest first", `${place} desc`));
    });
    select.addEventListener("change", () => this.sortBy(select.value));
    this.list.table.on("order", () => {
      const [[column, direction] = [0, "asc"]] = this.list.table.order();
      select.value = `${column} ${direction}`;
    });
  }

  // order: column and direction, as in the choice of the order.
  sortBy(order) {
    const [column, direction] = order.split(" ");
    this.list.sort(Number(column), direction);
    this.showLayout();
  }

  // The view of low confidence begins with the lowest, unless another order has been chosen.
  sortForView(before) {
    const order = document.getElementById("sort").value;
    if (chosen.view === "low" && before !== "low" && order === RUN_ORDER) this.sortBy(LOWEST_FIRST);
    if (chosen.view !== "low" && before === "low" && order === LOWEST_FIRST) this.sortBy(RUN_ORDER);
  }

  setUpChoices() {
    const choose = (selector, key, valueOf, toggles) => {
      for (const button of document.querySelectorAll(`button[${selector}]`)) {
        button.addEventListener("click", () => {
          const value = valueOf(button), view = chosen.view;
          chosen[key] = toggles && chosen[key] === value ? null : value;
          this.sortForView(view);
          this.update();
          if (toggles) document.getElementById("images").scrollIntoView({ block: "nearest" });
        });
      }
    };
    choose("data-view", "view", (button) => button.dataset.view, false);
    choose("data-layout", "layout", (button) => button.dataset.layout, false);
    choose("data-bin", "bin", (button) => Number(button.dataset.bin), true);
    choose("data-name", "name", (button) => Number(button.dataset.name), true);
    choose("data-stage", "stage", (button) => button.dataset.stage, true);
    for (const group of document.querySelectorAll(".bins, .classes")) roving(group, "button");
  }

  setUpSearch() {
    let timer = 0;
    const apply = () => {
      clearTimeout(timer);
      if (chosen.search === this.search.value.trim()) return;
      chosen.search = this.search.value.trim();
      this.update();
    };
    this.search.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(apply, 60); });
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.search.value) {
        event.preventDefault();
        this.search.value = "";
        apply();
      } else if (event.key === "ArrowDown" || event.key === "Enter") {
        event.preventDefault();
        apply();
        if (chosen.layout === "gallery") document.querySelector("#gallery button")?.focus();
        else if (this.list.shown.length) this.list.go(this.list.shown[0]);
      }
    });
  }

  onKey(event) {
    const typing = event.target.matches?.("input");
    if (event.key === "/" && !typing && !this.details.dialog.open && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      this.search.focus();
      this.search.select();
    }
  }

  closed(row) {
    if (chosen.layout === "gallery") document.querySelector(`#gallery button[data-row="${row}"]`)?.focus();
    else this.list.go(row);
  }

  // A list that draws what is in sight can't be printed: a plain table of its first rows can.
  fillPrinted() {
    const rows = this.list.shown.slice(0, PRINTED_ROWS);
    const cells = this.list.cells.map((cell, place) => [cell, LIST_COLUMNS[place]]);
    const said = chosen.search ? [`Search: ${chosen.search}.`] : [];
    if (rows.length < this.list.shown.length) {
      said.push(`The first ${counted(rows.length, "image")} of the ${this.list.shown.length.toLocaleString("en")} in the list.`);
    }
    document.getElementById("printed").replaceChildren(
      element("p", {}, said.join(" ")),
      element("table", { className: "plain" },
        element("thead", {}, element("tr", {}, ...cells.map(([, column]) => element("th", { scope: "col" }, column.title)))),
        element("tbody", {}, ...rows.map((row) =>
          element("tr", {}, ...cells.map(([cell, column]) => element("td", { className: column.className }, cell(row))))))));
  }
}

async function start() {
  setUpTheme();
  const json = (id) => JSON.parse(document.getElementById(id).textContent);
  if (!document.getElementById("packed")) {
    document.documentElement.dataset.ready = "empty";
    return;
  }
  if (!("DecompressionStream" in window)) {
    document.getElementById("status").textContent =
      "This browser can't unpack the list: it needs DecompressionStream (Chrome 80, Firefox 113, Safari 16.4 or newer). All above is complete.";
    document.documentElement.dataset.ready = "without a list";
    return;
  }
  const setup = json("setup");
  const columns = await unpacked(document.getElementById("packed").textContent);
  new Page(new Records(columns, json("thumbnails"), setup), setup);
  document.documentElement.dataset.ready = Math.round(performance.now());  // milliseconds since the page was asked for
}

start();
