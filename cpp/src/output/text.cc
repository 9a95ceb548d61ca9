#include <string_view>

#include "core/terminal_text.h"
#include "output/number_text.h"
#include "output/record_text.h"

namespace ppinfer {
namespace {

constexpr int kScoreDecimals = 5;

// Can be read back.
void append_escaped(std::string_view raw, std::string& text) { append_shown(raw, true, text); }

// A message's backslashes stand for bytes already, as in: begins with "GIF\x00".
void append_message(std::string_view message, std::string& text) { append_shown(message, false, text); }

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
