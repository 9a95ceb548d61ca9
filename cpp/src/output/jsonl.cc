#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/utf8.h"
#include "output/number_text.h"
#include "output/record_text.h"

namespace ppinfer {
namespace {

constexpr const char* kHexDigits = "0123456789abcdef";

void append_escape(unsigned char byte, std::string& json) {
  switch (byte) {
    case '"':
      json += "\\\"";
      return;
    case '\\':
      json += "\\\\";
      return;
    case '\n':
      json += "\\n";
      return;
    case '\r':
      json += "\\r";
      return;
    case '\t':
      json += "\\t";
      return;
    default:
      json += "\\u00";
      json += kHexDigits[byte >> 4];
      json += kHexDigits[byte & 0xF];
  }
}

// RFC 8259. A byte that isn't UTF-8 becomes the lone surrogate U+DC00 + byte (Python's PEP 383), so that any path
// survives.
void append_string(std::string_view raw, std::string& json) {
  json += '"';
  while (!raw.empty()) {
    const auto byte = static_cast<unsigned char>(raw.front());
    const std::size_t bytes = utf8_character_bytes(raw);
    if (bytes == 0) {
      json += "\\udc";
      json += kHexDigits[byte >> 4];
      json += kHexDigits[byte & 0xF];
    } else if (byte < 0x20 || byte == '"' || byte == '\\') {
      append_escape(byte, json);
    } else {
      json.append(raw.substr(0, bytes));
    }
    raw.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  json += '"';
}

template <class Values, class Append>
void append_array(const Values& values, std::string& json, Append append) {
  json += '[';
  bool first = true;
  for (const auto& value : values) {
    if (!first) json += ", ";
    first = false;
    append(value, json);
  }
  json += ']';
}

void append_score(float score, std::string& json) {
  if (std::isfinite(score)) {
    append_shortest(score, json);
  } else {
    json += "null";  // JSON has no other numbers
  }
}

// RFC 4648, of the values' bytes.
void append_base64(const std::vector<float>& values, std::string& json) {
  constexpr const char* kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto* const bytes = reinterpret_cast<const unsigned char*>(values.data());
  const std::size_t count = values.size() * sizeof(float);
  json += '"';
  for (std::size_t at = 0; at < count; at += 3) {
    const std::size_t left = std::min<std::size_t>(count - at, 3);
    std::uint32_t bits = 0;
    for (std::size_t byte = 0; byte < 3; ++byte) bits = bits << 8 | (byte < left ? bytes[at + byte] : 0U);
    for (std::size_t digit = 0; digit < 4; ++digit)
      json += digit <= left ? kDigits[bits >> (18 - 6 * digit) & 63] : '=';
  }
  json += '"';
}

void append_scores(const std::vector<float>& scores, bool as_vectors, std::string& json) {
  if (as_vectors) return append_base64(scores, json);
  append_array(scores, json, append_score);
}

}  // namespace

void append_jsonl_record(const Result& result, bool as_vectors, std::string& records) {
  records += "{\"path\": ";
  if (result.path.empty()) {
    records += "null";
  } else {
    append_string(result.path, records);
  }
  if (result.error) {
    records += ", \"status\": \"error\", \"error\": {\"stage\": \"";
    records += to_string(result.error->stage);
    records += "\", \"message\": ";
    append_string(result.error->message, records);
    records += "}}\n";
    return;
  }
  records += ", \"status\": \"ok\", \"class_ids\": ";
  append_array(result.class_ids, records, append_integer);
  records += ", \"scores\": ";
  append_scores(result.scores, as_vectors, records);
  records += ", \"label_names\": ";
  append_array(result.label_names, records, append_string);
  if (!result.attributes.empty()) {
    records += ", \"attributes\": ";
    append_array(result.attributes, records, append_string);
    records += ", \"attribute_flags\": ";
    append_array(result.attribute_flags, records, append_integer);
  }
  if (!result.embedding.empty()) {
    records += ", \"embedding\": ";
    append_scores(result.embedding, as_vectors, records);
  }
  records += "}\n";
}

}  // namespace ppinfer
