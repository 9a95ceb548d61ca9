// What ppinfer/report/packing.py packed: gzip in base64, columns behind a directory.

const COLUMN_TYPES = {
  uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, int32: Int32Array, float32: Float32Array,
};

async function unpacked(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let place = 0; place < text.length; ++place) bytes[place] = text.charCodeAt(place);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const buffer = await new Response(stream).arrayBuffer();
  const directoryBytes = new DataView(buffer).getUint32(0, true);
  const decoder = new TextDecoder();
  const directory = JSON.parse(decoder.decode(new Uint8Array(buffer, 4, directoryBytes)));
  const columns = { rows: directory.rows };
  for (const [name, [type, offset, length]] of Object.entries(directory.columns)) {
    const start = 4 + directoryBytes + offset;
    columns[name] = type === "text"
      ? decoder.decode(new Uint8Array(buffer, start, length)).split("\0")
      : new COLUMN_TYPES[type](buffer, start, length);
  }
  return columns;
}
