// Every key of config.txt, once: what it is called, what it may be, what it means and where it is kept. Parsing,
// checking, printing, the documented config.txt and the doors' help all read this table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/value_text.h"
#include "ppinfer/config.h"

namespace ppinfer {

inline constexpr int kMaxSidePx = 16384;

enum class FieldGroup { kModel, kEngine, kPreprocess, kPostprocess };
const char* to_string(FieldGroup group);  // "model", "engine", "preprocess", "postprocess"

// Where a value is kept, which is also what tells its type. Strings are paths, but where the row says plain text.
using SettingsMember =
    std::variant<bool Settings::*, int Settings::*, std::int64_t Settings::*, double Settings::*,
                 std::string Settings::*, std::vector<double> Settings::*, Size Settings::*, EngineKind Settings::*,
                 Precision Settings::*, DecodeMode Settings::*, Interpolation Settings::*, ResizeBackend Settings::*,
                 ChannelOrder Settings::*, PostprocessOp Settings::*, SoftmaxUse Settings::*>;

struct ConfigField {
  const char* name;
  FieldGroup group;
  SettingsMember member;
  const char* default_text;  // as config.txt would say it
  NumberRange range;
  const char* unit;  // empty where there is none
  const char* help;
  bool legacy;              // known to PaddleClas' C++ deployment
  bool plain_text;          // a string that isn't a path
  bool guessed_when_unset;  // changes the pixels, so that a value that nobody stated is a guess

  bool is_path() const { return std::holds_alternative<std::string Settings::*>(member) && !plain_text; }
  // False, and `settings` perhaps half set, when the text is not a value of this key.
  bool parse(std::string_view text, Settings& settings) const;
  std::string print(const Settings& settings) const;
  std::string type_name() const;
  std::string expected() const;
};

const std::vector<ConfigField>& field_table();
// By its name or by another one that it had in PaddleClas; null: no such key.
const ConfigField* find_field(std::string_view name);
std::vector<std::string> field_names();  // in table order

}  // namespace ppinfer
