#include <string_view>

#include "output/number_text.h"
#include "output/record_text.h"

namespace ppinfer {
namespace {

constexpr int kScoreDecimals = 5;

void append_byte_escape(unsigned char byte, std::string& text) {
  constexpr const char* kDigits = "0123456789abcdef";
  text += "\\x";
  text += kDigits[byte >> 4];
  text += kDigits[byte & 0xF];
}

// What a terminal would obey is spelled out: C0, DEL, and the C1 controls, which are C2 80 to C2 9F in UTF-8.
void append_without_controls(std::string_view raw, bool escape_backslash, std::string& text) {
  for (std::size_t index = 0; index < raw.size(); ++index) {
    const auto byte = static_cast<unsigned char>(raw[index]);
    const auto next = static_cast<unsigned char>(index + 1 < raw.size() ? raw[index + 1] : 0);
    if (byte == '\\' && escape_backslash) {
      text += "\\\\";
    } else if (byte == '\n') {
      text += "\\n";
    } else if (byte == '\t') {
      text += "\\t";
    } else if (byte == '\r') {
      text += "\\r";
    } else if (byte < 0x20 || byte == 0x7F) {
      append_byte_escape(byte, text);
    } else if (byte == 0xC2 && next >= 0x80 && next < 0xA0) {
      append_byte_escape(byte, text);
      append_byte_escape(next, text);
      ++index;
    } else {
      text += raw[index];
    }
  }
}

// Can be read back.
void append_escaped(std::string_view raw, std::string& text) { append_without_controls(raw, true, text); }

// A message's backslashes stand for bytes already, as in: begins with "GIF\x00".
void append_message(std::string_view message, std::string& text) { append_without_controls(message, false, text); }

void append_classes(const Result& result, std::string& text) {
  for (std::size_t rank = 0; rank < result.class_ids.size(); ++rank) {
    if (rank > 0) text += ", ";
    append_integer(result.class_ids[rank], text);
    text += ' ';
    if (!result.label_names.empty()) {
      append_escaped(result.label_names[rank], text);
      text += ' ';
    }
    append_fixed(result.scores[rank], kScoreDecimals, text);
  }
}

template <class Values, class Append>
void append_list(const Values& values, std::string& text, Append append) {
  bool first = true;
  for (const auto& value : values) {
    if (!first) text += ", ";
    first = false;
    append(value, text);
  }
}

}  // namespace

void append_text_record(const Result& result, std::string& records) {
  append_escaped(result.path, records);
  records += '\t';
  if (result.error) {
    records += "error in ";
    records += to_string(result.error->stage);
    records += ": ";
    append_message(result.error->message, records);
  }
  const auto append_number = [](float value, std::string& text) { append_fixed(value, kScoreDecimals, text); };
  if (result.class_ids.empty()) {
    append_list(result.scores, records, append_number);
    append_list(result.attributes, records, append_escaped);
    append_list(result.embedding, records, append_number);
  } else {
    append_classes(result, records);
  }
  records += '\n';
}

}  // namespace ppinfer
