// The records by their row, 0 to rows - 1, as the page shows them.

const NO_SCORE = 0xffff;

class Records {
  constructor(columns, thumbnails, setup) {
    this.columns = columns;
    this.rows = columns.rows;
    this.thumbnails = thumbnails.pictures;
    this.thumbnailProblems = thumbnails.problems;
    this.lowConfidence = setup.lowConfidence;
    this.binEdges = Float32Array.from(setup.binEdges);
  }

  path(row) { return this.columns.path[row] || "(no path)"; }

  // Of "a/b.jpg" and "shard.tar::a/b.jpg": "b.jpg", and what is before it.
  name(row) { return this.path(row).slice(this.nameStart(row)); }
  folder(row) { return this.path(row).slice(0, this.nameStart(row)); }
  nameStart(row) {
    const path = this.path(row);
    const slash = path.lastIndexOf("/") + 1;
    const member = path.lastIndexOf("::");
    return Math.max(slash, member < 0 ? 0 : member + 2);
  }

  number(row) { return this.columns.number[row] + 1; }
  best(row) { return this.columns.best[row]; }
  isError(row) { return this.columns.stage[row] !== ""; }
  isLow(row) { return this.best(row) < this.lowConfidence; }
  stage(row) { return this.columns.stage[row]; }
  message(row) { return this.columns.message[row]; }
  answerCount(row) { return this.columns.answers[row]; }
  nameIndex(row, place) { return this.columns[`name_${place}`][row]; }

  label(index) {
    const label = this.columns.label[index];
    return label || `class ${this.columns.class_id[index]}`;
  }

  score(row, place) {
    const column = this.columns[`score_${place}`];
    if (column instanceof Float32Array) return column[row];
    return column[row] === NO_SCORE ? NaN : column[row] / 1e4;
  }

  answers(row) {
    return Array.from({ length: this.answerCount(row) }, (_, place) => {
      const index = this.nameIndex(row, place);
      const classId = this.columns.class_id[index];
      return { label: this.label(index), classId: classId < 0 ? null : classId, score: this.score(row, place) };
    });
  }

  // As the histogram of ppinfer/report/tally.py counts; -1 without a score.
  bin(row) {
    const best = this.best(row), edges = this.binEdges, last = edges.length - 2;
    if (!Number.isFinite(best)) return -1;  // the outer bins take what rounding has put beyond them
    let bin = 0;
    while (bin < last && best >= edges[bin + 1]) ++bin;
    return bin;
  }

  // Places of the rows in the order of their paths, or of their best classes.
  get pathRanks() { return (this.pathRanks_ ??= ranks(this.rows, (row) => this.path(row))); }
  get labelRanks() {
    return (this.labelRanks_ ??= ranks(this.rows, (row) =>
      (this.answerCount(row) ? this.label(this.nameIndex(row, 0)) : "")));
  }

  // Those rows whose path, classes or error hold every word.
  matcher(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    this.lowerPaths_ ??= this.columns.path.map((path) => path.toLowerCase());
    this.lowerLabels_ ??= this.columns.label.map((_, index) => this.label(index).toLowerCase());
    const labelsWith = words.map((word) => Uint8Array.from(this.lowerLabels_, (label) => label.includes(word)));
    const anyLabel = labelsWith.map((found) => found.includes(1));
    const errorHas = (row, word) => this.isError(row) && `${this.stage(row)} ${this.message(row)}`.toLowerCase().includes(word);
    const answerHas = (row, which) => {
      for (let place = 0; place < this.answerCount(row); ++place) {
        if (labelsWith[which][this.nameIndex(row, place)]) return true;
      }
      return false;
    };
    return (row) => words.every((word, which) =>
      this.lowerPaths_[row].includes(word) || (anyLabel[which] && answerHas(row, which)) || errorHas(row, word));
  }
}

function ranks(rows, textOf) {
  const texts = Array.from({ length: rows }, (_, row) => textOf(row));
  const order = Uint32Array.from(texts.keys()).sort((a, b) => (texts[a] < texts[b] ? -1 : texts[a] > texts[b] ? 1 : a - b));
  const places = new Uint32Array(rows);
  let rank = 0;  // equal texts share one
  order.forEach((row, place) => {
    if (place > 0 && texts[row] !== texts[order[place - 1]]) ++rank;
    places[row] = rank;
  });
  return places;
}
