// The table: DataTables draws only the rows in sight, and sorts and filters; the keys that go through it are ours.

const LIST_COLUMNS = [
  { name: "in the order of the run", title: "#", sort: (records, row) => records.number(row), className: "figure number" },
  { name: "", title: "", className: "picture" },
  { name: "by file", title: "file", sort: (records, row) => records.pathRanks[row], className: "file" },
  { name: "by class", title: "best class", sort: (records, row) => (records.answerCount(row) ? records.labelRanks[row] : Infinity), className: "answer" },
  { name: "by confidence, lowest first", title: "confidence", className: "confidence",
    sort: (records, row) => (Number.isNaN(records.best(row)) ? Infinity : records.best(row)) },
  { name: "", title: "other answers", className: "others" },
];
const ROW_HEIGHT_PX = 60;

// Ranks for DataTables to sort by; rows without one (Infinity) come last in both directions.
function addRankType() {
  const compare = (sign) => (a, b) => (a === b ? 0 : a === Infinity ? 1 : b === Infinity ? -1 : sign * (a - b));
  DataTable.ext.type.order["rank-asc"] = compare(1);
  DataTable.ext.type.order["rank-desc"] = compare(-1);
}

class List {
  constructor(records, onOpen) {
    this.records = records;
    this.onOpen = onOpen;
    this.matches = () => true;
    this.emptyText = "";
    this.current = null;
    this.cells = [
      (row) => records.number(row).toLocaleString("en"),
      (row) => thumbnail(records, row),
      (row) => fileCell(records, row),
      (row) => answerCell(records, row),
      (row) => confidenceCell(records, row),
      (row) => othersText(records, row),
    ];
    addRankType();
    this.table = new DataTable("#records", {
      data: Array.from({ length: records.rows }, (_, row) => ({ row })),
      columns: LIST_COLUMNS.map((column, place) => this.definition(column, place)),
      order: [],
      autoWidth: false,
      searchDelay: 0,
      scrollY: "min(70vh, 45rem)",
      scroller: { rowHeight: ROW_HEIGHT_PX, loadingIndicator: false, serverWait: 0 },
      layout: { topStart: null, topEnd: null, bottomStart: null, bottomEnd: null },
      createdRow: (tr, data) => {
        tr.dataset.row = data.row;
        tr.tabIndex = -1;
        tr.classList.toggle("bad", records.isError(data.row));
      },
    });
    this.table.search.fixed("page", (_text, data) => this.matches(data.row));
    this.body = document.querySelector("#list .dt-scroll-body");
    this.body.tabIndex = 0;
    this.body.setAttribute("aria-label", "Images");
    this.table.on("order search", () => { this.shown_ = null; });
    this.table.on("draw", () => this.drawn());
    this.body.addEventListener("keydown", (event) => this.onKey(event));
    this.body.addEventListener("focusin", (event) => this.onFocus(event));
    document.addEventListener("focusin", (event) => { this.hasFocus = this.body.contains(event.target); });
    this.body.addEventListener("click", (event) => {
      const tr = event.target.closest("tr[data-row]");
      if (tr) { this.current = Number(tr.dataset.row); onOpen(this.current); }
    });
    this.drawn();
    for (const [selector, role] of [[".dt-scroll-head thead", "rowgroup"], [".dt-scroll-head tr", "row"], [".dt-scroll-head th", "columnheader"]]) {
      for (const found of document.querySelectorAll(selector)) found.setAttribute("role", role);
    }
  }

  definition(column, place) {
    return {
      title: column.title, className: column.className, orderable: Boolean(column.sort), searchable: false, type: "rank",
      data: (data, type) => {
        if (type === "display") return "";
        return column.sort ? column.sort(this.records, data.row) : 0;
      },
      createdCell: (td, _value, data) => {
        td.setAttribute("role", "cell");
        td.replaceChildren(this.cells[place](data.row));
      },
    };
  }

  // Rows that match, in the order shown.
  get shown() { return (this.shown_ ??= this.table.rows({ order: "current", search: "applied" }).indexes().toArray()); }

  // emptyText: what stands in the list when no row matches.
  filter(matches, emptyText) {
    this.matches = matches;
    this.emptyText = emptyText;
    this.shown_ = null;
    this.table.draw();
    this.table.scroller.toPosition(0, false);
  }

  sort(column, direction) { this.table.order([column, direction]).draw(); }

  drawn() {
    const first = this.table.page.info().start, empty = this.body.querySelector("td.dt-empty");
    if (empty) empty.textContent = this.emptyText;
    [...this.body.querySelectorAll("tbody tr[data-row]")].forEach((tr, place) => {
      tr.setAttribute("role", "row");
      tr.setAttribute("aria-rowindex", first + place + 2);  // the headings are the first
      tr.classList.toggle("current", Number(tr.dataset.row) === this.current);
    });
    document.getElementById("records").setAttribute("aria-rowcount", this.shown.length + 1);
    if (this.awaitsFocus) this.focusCurrent();
    else if (this.hasFocus && document.activeElement === document.body) this.body.focus({ preventScroll: true });  // its row is gone
  }

  onFocus(event) {
    const tr = event.target.closest("tr[data-row]");
    if (tr) this.current = Number(tr.dataset.row);
    for (const other of this.body.querySelectorAll("tr.current")) other.classList.remove("current");
    tr?.classList.add("current");
  }

  onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || !this.shown.length) return;
    const last = this.shown.length - 1;
    const page = Math.max(1, Math.floor(this.body.clientHeight / ROW_HEIGHT_PX) - 1);
    const place = this.current === null ? -1 : this.shown.indexOf(this.current);
    const targets = {
      ArrowDown: place + 1, ArrowUp: place - 1, PageDown: place + page, PageUp: place - page, Home: 0, End: last,
    };
    if (event.key in targets) {
      event.preventDefault();
      this.go(this.shown[Math.max(0, Math.min(last, targets[event.key]))]);
    } else if ((event.key === "Enter" || event.key === " ") && place >= 0) {
      event.preventDefault();
      this.onOpen(this.current);
    }
  }

  go(row) {
    this.current = row;
    if (this.focusCurrent()) return;
    this.awaitsFocus = true;
    this.table.row(row).scrollTo(false);
  }

  focusCurrent() {
    const tr = this.body.querySelector(`tr[data-row="${this.current}"]`);
    if (!tr) return false;
    this.awaitsFocus = false;
    tr.focus({ preventScroll: true });
    const [box, frame] = [tr.getBoundingClientRect(), this.body.getBoundingClientRect()];
    if (box.top < frame.top) this.body.scrollTop -= frame.top - box.top;
    else if (box.bottom > frame.top + this.body.clientHeight) this.body.scrollTop += box.bottom - frame.top - this.body.clientHeight;
    return true;
  }
}

function fileCell(records, row) {
  return element("span", { className: "two-lines", title: records.path(row) },
    element("span", { className: "first" }, records.name(row)), element("span", { className: "second" }, records.folder(row)));
}

function answerCell(records, row) {
  if (records.isError(row)) {
    return element("span", { className: "two-lines error", title: records.message(row) },
      element("span", { className: "first" }, `error: ${records.stage(row)}`),
      element("span", { className: "second" }, records.message(row)));
  }
  const [best] = records.answers(row);
  if (!best) return element("span", { className: "second" }, "no class");
  const second = best.classId === null ? "" : `class ${best.classId}`;
  return element("span", { className: "two-lines", title: best.label },
    element("span", { className: "first" }, best.label),
    element("span", { className: "second" }, best.label === second ? "" : second));
}

function confidenceCell(records, row) {
  const score = records.best(row);
  if (Number.isNaN(score)) return "";
  return element("span", { className: `score${records.isLow(row) ? " low" : ""}` },
    element("span", { className: "figure" }, scoreText(score)), scoreBar(records, row, score));
}

function othersText(records, row) {
  const others = records.answers(row).slice(1).map(({ label, score }) =>
    (Number.isNaN(score) ? label : `${label} ${scoreText(score)}`));
  return element("span", { className: "clamped", title: others.join("\n") }, others.join(" · "));
}
