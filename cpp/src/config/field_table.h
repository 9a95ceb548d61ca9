// Every key of config.txt, once: what it is called, what it may be, what it means, what it changes and where it is
// kept. Parsing, checking, printing, the documented config.txt, help and each list of keys are made from this table.
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

// The member of Settings that holds a value; its type is the value's type. Strings are paths, except in rows with
// plain_text.
using SettingsMember =
    std::variant<bool Settings::*, int Settings::*, std::int64_t Settings::*, double Settings::*,
                 std::string Settings::*, std::vector<double> Settings::*, Size Settings::*, EngineKind Settings::*,
                 Precision Settings::*, DecodeMode Settings::*, Interpolation Settings::*, ResizeBackend Settings::*,
                 ChannelOrder Settings::*, PostprocessOp Settings::*, SoftmaxUse Settings::*>;

struct ConfigField : FieldInfo {
  SettingsMember member;
  NumberRange range;
  bool plain_text = false;  // a string that isn't a path
  std::string former_name;  // in PaddleClas; empty: none

  void derive_columns();  // is_path, type, choices and expected, by the others
  // False, and `settings` perhaps half set, when the text is not a value of this key.
  bool parse(std::string_view text, Settings& settings) const;
  std::string print(const Settings& settings) const;
  ConfigValue value_of(const Settings& settings) const;
};

const std::vector<ConfigField>& field_table();
// By its name or its former one; null: no such key.
const ConfigField* find_field(std::string_view name);
std::vector<std::string> field_names();  // in table order

}  // namespace ppinfer
